import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type pg from "pg";
import { openEngine } from "../../../actor/database/open-engine.js";
import { connectApplication, contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

const signal = new AbortController().signal;
/** Nine chunks, most of them of the size that the settings ask for; from the fourth on the table counts as large. */
const rows = 2000;
const batchRows = 300;
const tables = `
  CREATE TABLE parent(id int PRIMARY KEY);
  CREATE TABLE t(
    id int, part text COLLATE "C", code text UNIQUE, parent int REFERENCES parent, noted text,
    CONSTRAINT "The key" PRIMARY KEY (id, part) INCLUDE (noted)
  );
  CREATE INDEX "t by parent" ON t USING btree (parent DESC NULLS LAST) WHERE parent > 0;
  CREATE INDEX t_lower ON t (lower(noted));
  CREATE INDEX t_described ON t (noted);
  COMMENT ON INDEX t_described IS 'a person wrote this';
  CREATE INDEX t_filled ON t (noted) WITH (fillfactor = 70)`;
/** Only these can be had back exactly as they were, and no row is told by them. */
const setAside = ["The key", "t by parent", "t_lower"];
/** "The key", as a person would build it again. */
const keyByHand = 'ALTER TABLE t ADD CONSTRAINT "The key" PRIMARY KEY (id, part) INCLUDE (noted)';

describe("the indexes of a large table while it is copied", () => {
  let fixture: DatabaseFixture;
  let pair: DatabasePair;

  beforeAll(async () => {
    fixture = await startPostgresqlFixture();
  }, 120_000);
  beforeEach(async () => {
    pair = await DatabasePair.open(fixture, { batchRows });
    await pair.both(tables);
    await pair.apps.a.query(
      `INSERT INTO parent SELECT g FROM generate_series(1, ${String(rows)}) g;
       INSERT INTO t SELECT g, 'p', 'code' || g, g, 'note ' || g FROM generate_series(1, ${String(rows)}) g`,
    );
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
  }, 120_000);
  afterEach(async () => {
    await pair.close();
  });
  afterAll(async () => {
    await fixture.close();
  });

  /** Copies until the link is cut at the fifth chunk of the table. */
  async function copyHalf(): Promise<void> {
    let chunks = 0;
    pair.links.a.faultOf = (kind, count) => {
      const { message } = pair.links.a.asked[count] ?? {};
      if (kind === "database/copy-chunk" && message?.fields["table"] === "public.t") chunks += 1;
      return chunks >= 5 ? "lost" : "none";
    };
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    pair.links.a.faultOf = () => "none";
  }

  test("is without those that can be had back exactly, and has them back when a new actor begins", async () => {
    const before = await definitionsOf(pair.apps.b);
    await copyHalf();
    const during = await definitionsOf(pair.apps.b);
    const missing = [...before.keys()].filter((name) => !during.has(name));
    expect(missing.sort()).toEqual(setAside);
    await expect(pair.parts.b.promote(2, signal)).rejects.toMatchObject({ code: "REINITIALISATION_REQUIRED" });
    pair.kill("b");
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
    expect(await definitionsOf(pair.apps.b)).toEqual(before);
    await pair.parts.a.synchronise(signal);
    expect(await definitionsOf(pair.apps.b)).toEqual(before);
    await pair.expectSame((target, source) => {
      expect(target).toEqual(source);
    }, "t");
    // What was copied before it was cut off was not copied again.
    expect((await contentOf(pair.apps.b, "t")).length).toBe(rows);
  }, 120_000);

  test("has them back at the end of the copy, and is promoted only with all of them", async () => {
    const before = await definitionsOf(pair.apps.b);
    // What takes long is asked for again until it has ended.
    const { handlers } = pair.links.a;
    const answers = [{ fields: { isEnded: false } }, { fields: { isEnded: false } }];
    const end = handlers["database/copy-end"];
    pair.links.a.handlers = {
      ...handlers,
      "database/copy-end": async (message) => answers.shift() ?? end?.(message) ?? { fields: {} },
    };
    await pair.parts.a.synchronise(signal);
    expect(pair.links.a.count("database/copy-end")).toBe(3);
    expect(await definitionsOf(pair.apps.b)).toEqual(before);
    await pair.apps.a.query("UPDATE t SET noted = 'new' WHERE id <= 10; DELETE FROM t WHERE id > 1990");
    await pair.parts.a.synchronise(signal);
    await pair.expectSame((target, source) => {
      expect(target).toEqual(source);
    }, "t");
    await pair.apps.b.query("INSERT INTO sparesync.rebuilds VALUES (1, 'public.t', 'SELECT 1')");
    await expect(pair.parts.b.promote(2, signal)).rejects.toThrow(/public\.t has not all of its indexes/);
    await pair.apps.b.query("DELETE FROM sparesync.rebuilds");
    await pair.parts.b.promote(2, signal);
  }, 120_000);

  test("has them back when the scripts are removed in the middle", async () => {
    const before = await definitionsOf(pair.apps.b);
    await copyHalf();
    const { b: settings } = pair.settings;
    const engine = openEngine({ settings, readSecret: () => Promise.resolve(""), newId: () => "mark" });
    await engine.remove(signal);
    await engine.close();
    expect(await definitionsOf(pair.apps.b)).toEqual(before);
  }, 120_000);

  test("is left as a person has made it meanwhile", async () => {
    const before = await definitionsOf(pair.apps.b);
    await copyHalf();
    await pair.apps.b.query(keyByHand);
    await pair.parts.a.synchronise(signal);
    expect(await definitionsOf(pair.apps.b)).toEqual(before);
  }, 120_000);

  test("keeps all of them while somebody reads it", async () => {
    const before = await definitionsOf(pair.apps.b);
    const reader = await connectApplication(pair.settings.b);
    await reader.query("BEGIN; SELECT FROM t");
    await copyHalf();
    expect(await definitionsOf(pair.apps.b)).toEqual(before);
    await reader.end();
  }, 120_000);
});

/** What makes up each index of the application, by name. */
async function definitionsOf(client: pg.Client): Promise<ReadonlyMap<string, string>> {
  const { rows: found } = await client.query<{ name: string; definition: string }>(
    `SELECT i.relname AS name, concat_ws(' | ', pg_get_indexdef(x.indexrelid), x.indisprimary, x.indisvalid,
       pg_get_constraintdef(k.oid), obj_description(i.oid)) AS definition
     FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
     LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.contype IN ('p', 'u')
     WHERE i.relnamespace = 'public'::regnamespace ORDER BY i.relname`,
  );
  return new Map(found.map(({ name, definition }) => [name, definition]));
}
