import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { DatabaseFixture } from "../../support/database-fixture.js";
import { errorMessage } from "../../../shared/core/app-error.js";
import type { LinkFault } from "../../support/memory-link.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

const signal = new AbortController().signal;
const mebibyte = 1024 * 1024;
let fixture: DatabaseFixture;
let pair: DatabasePair;

beforeAll(async () => {
  fixture = await startPostgresqlFixture();
}, 120_000);
beforeEach(async () => {
  pair = await DatabasePair.open(fixture);
}, 120_000);
afterEach(async () => {
  await pair.close();
});
afterAll(async () => {
  await fixture.close();
});

async function start(): Promise<void> {
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
  await pair.parts.b.setRole({ role: "target", epoch: 1 });
}

test("rows of hundreds of KiB are copied in messages that the link takes, also behind small ones", async () => {
  // By the first rows, thousands fit into a chunk. Those behind them are 88 MiB, of which the link takes 64 in a message.
  const large = (from: number, to: number): string =>
    `SELECT g, repeat(chr(65 + g % 26), 300 * 1024) || g FROM generate_series(${String(from)}, ${String(to)}) g`;
  await pair.both("CREATE TABLE keyed(id int PRIMARY KEY, v text); CREATE TABLE keyless(id int, v text)");
  await pair.apps.a.query(`
    INSERT INTO keyed SELECT g, 'small' FROM generate_series(1, 1200) g;
    INSERT INTO keyed ${large(1201, 1500)};
    INSERT INTO keyless SELECT 1, 'equal' FROM generate_series(1, 300);
    INSERT INTO keyless ${large(1, 40)};
    INSERT INTO keyless ${large(1, 40)}`);
  await start();
  await pair.parts.a.synchronise(signal);
  for (const table of ["keyed", "keyless"]) {
    const fingerprint = `SELECT id, count(*)::text AS rows, string_agg(md5(v), '' ORDER BY md5(v)) AS sum FROM ${table} GROUP BY id ORDER BY id`;
    expect((await pair.apps.b.query(fingerprint)).rows).toEqual((await pair.apps.a.query(fingerprint)).rows);
    const chunks = pair.links.a.asked.filter(({ kind, message }) => {
      return kind === "database/copy-chunk" && message.fields["table"] === `public.${table}`;
    });
    expect(Math.max(...chunks.map(({ message }) => message.body?.length ?? 0))).toBeLessThan(9 * mebibyte);
  }
}, 120_000);

test("a table without a key that is rewritten while it is copied is copied anew; rows that move are there once", async () => {
  await pair.both("CREATE TABLE keyless(v int, w text)");
  await pair.apps.a.query(`
    INSERT INTO keyless SELECT g, repeat('x', 200) FROM generate_series(1, 2000) g;
    INSERT INTO keyless SELECT 5, 'equal' FROM generate_series(1, 300) g;
    DELETE FROM keyless WHERE v % 7 = 0`);
  await start();
  // Each time the rows lie elsewhere in the middle of the copy: by updates that change nothing, and in another file.
  for (const moving of [
    "UPDATE keyless SET v = v",
    "VACUUM keyless; UPDATE keyless SET v = v",
    "VACUUM FULL keyless",
  ]) {
    let chunks = 0;
    await pair.parts.a.reinitialise({ database: "shop", tables: undefined }, signal);
    pair.links.a.faultOf = async (kind): Promise<LinkFault> => {
      if (kind === "database/copy-chunk") chunks += 1;
      if (kind === "database/copy-chunk" && chunks === 3) {
        for (const statement of moving.split("; ")) await pair.apps.a.query(statement);
      }
      return "none";
    };
    const isRewritten = moving.includes("FULL");
    const first = await pair.parts.a.synchronise(signal).then(() => "done", errorMessage);
    expect({ moving, first }).toEqual({
      moving,
      first: isRewritten ? expect.stringContaining("another file") : "done",
    });
    pair.links.a.faultOf = () => "none";
    if (isRewritten) await pair.parts.a.synchronise(signal);
    await pair.expectSame((target, source) => {
      expect(target).toEqual(source);
    }, "keyless");
    expect(chunks).toBeGreaterThanOrEqual(3);
  }
}, 120_000);

test("a row that no message can hold is refused by table, key, column and length, by a copy and by a point", async () => {
  await pair.both("CREATE TABLE scans(id int PRIMARY KEY, v text)");
  const tooLarge = `INSERT INTO scans SELECT 41, repeat('x', ${String(65 * mebibyte)})`;
  const refusal = {
    code: "DATABASE_UNSUPPORTED",
    message: expect.stringMatching(/the row id = 41 of public\.scans is too large, its column v alone has 68157440/),
  };
  await pair.apps.a.query(tooLarge);
  await start();
  await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject(refusal);
  expect(pair.links.a.count("database/copy-chunk")).toBe(0);
  await pair.apps.a.query("DELETE FROM scans");
  await pair.parts.a.synchronise(signal);
  await pair.apps.a.query(tooLarge);
  await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject(refusal);
  await pair.apps.a.query("DELETE FROM scans; INSERT INTO scans VALUES (42, 'small')");
  await pair.parts.a.synchronise(signal);
  expect((await pair.apps.b.query("SELECT * FROM scans")).rows).toEqual([{ id: 42, v: "small" }]);
}, 120_000);
