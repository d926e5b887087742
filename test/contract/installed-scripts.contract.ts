import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type pg from "pg";
import type { DatabaseEngine } from "../../actor/database/engine.js";
import { installScripts, planScripts, resetScripts } from "../../actor/database/install-scripts.js";
import { openEngine } from "../../actor/database/open-engine.js";
import type { DatabaseFixture } from "../support/database-fixture.js";
import { DatabasePair, type Side } from "../support/database-pair.js";
import { until } from "../support/until.js";

/** What the schema of version 3 had not. */
const toVersion3 = `ALTER TABLE sparesync.meta DROP COLUMN chunks_read;
  ALTER TABLE sparesync.copied DROP COLUMN newest_chunk;
  UPDATE sparesync.meta SET version = 3`;

/** Everything of ours in a database, with what each table of ours holds; the order of columns counts. */
const everythingOfOurs = `
  SELECT 'column ' || c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull ||
      ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS line
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'sparesync'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT 'constraint ' || conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'sparesync'::regnamespace
  UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'sparesync'
  UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'sparesync'::regnamespace
  UNION ALL SELECT 'event trigger ' || evtname FROM pg_event_trigger
  UNION ALL SELECT 'meta ' || to_jsonb(m)::text FROM sparesync.meta m
  UNION ALL SELECT 'table ' || to_jsonb(t)::text FROM sparesync.tables t ORDER BY 1`;

async function describeOurs(app: pg.Client): Promise<readonly string[]> {
  return (await app.query<{ line: string }>(everythingOfOurs)).rows.map(({ line }) => line);
}

/** What `install-scripts` does with a database: as it is shown, over an older and a newer version, and from anew. */
export function describeInstalledScripts(start: () => Promise<DatabaseFixture>): void {
  const signal = new AbortController().signal;
  let fixture: DatabaseFixture;
  let pair: DatabasePair;
  let engines: Record<Side, DatabaseEngine>;

  beforeAll(async () => {
    fixture = await start();
  }, 60_000);
  afterAll(async () => {
    await fixture.close();
  });
  beforeEach(async () => {
    pair = await DatabasePair.open(fixture);
    const open = (side: Side): DatabaseEngine =>
      openEngine({ settings: pair.settings[side], readSecret: () => Promise.resolve(""), newId: () => "the-same-id" });
    engines = { a: open("a"), b: open("b") };
  });
  afterEach(async () => {
    await Promise.all([pair.close(), engines.a.close(), engines.b.close()]);
  });

  async function startRoles(): Promise<void> {
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
  }

  const copies = (): number => pair.links.a.count("database/copy-begin");

  test("the statements that are shown make the same by hand as an installation does, and then nothing is missing", async () => {
    await pair.both(`CREATE TABLE t(id int PRIMARY KEY, v text); CREATE TABLE keyless(v numeric, w "char");
      CREATE TABLE "it's a ""table"""("na'me, of $1" int, "b\\c" text, PRIMARY KEY ("b\\c", "na'me, of $1"))`);
    await installScripts(engines.a, signal);
    const { statements } = await planScripts(engines.b, signal, "shop");
    await pair.apps.b.query(statements.map((one) => (one.startsWith("--") ? one : `${one};`)).join("\n"));
    expect(await describeOurs(pair.apps.b)).toEqual(await describeOurs(pair.apps.a));
    expect((await planScripts(engines.b, signal, "shop")).statements).toEqual([]);
    await pair.apps.b.query(`INSERT INTO "it's a ""table""" VALUES (1, 'x'); INSERT INTO keyless VALUES (1, 'c')`);
    await installScripts(engines.b, signal);
    expect(await engines.b.countPending(10, signal)).toBe(2);
  });

  test("changes nothing the second time, mends what is missing, and leaves no trace when removed", async () => {
    await pair.apps.a.query("CREATE TABLE t(id int PRIMARY KEY); CREATE TABLE u(id int PRIMARY KEY)");
    const { tables } = await engines.a.readCatalogue(signal);
    expect(await engines.a.install(tables, signal)).toEqual(["public.t", "public.u"]);
    expect(await engines.a.install(tables, signal)).toEqual([]);
    await pair.apps.a.query("DROP TRIGGER sparesync_delete ON t");
    expect(await engines.a.install(tables, signal)).toEqual(["public.t"]);
    await engines.a.remove(signal).then(() => engines.a.remove(signal));
    const { rows } = await pair.apps.a.query("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'sparesync%'");
    expect(rows).toEqual([]);
    await pair.apps.a.query("INSERT INTO t VALUES (1)");
  });

  test("over the version before, a target keeps its closed gate, position and right to be promoted, and nothing is copied again", async () => {
    await pair.both("CREATE TABLE t(id int PRIMARY KEY, v text)");
    await startRoles();
    await pair.apps.a.query("INSERT INTO t VALUES (1, 'a')");
    await pair.parts.a.synchronise(signal);
    const [before, state] = [await describeOurs(pair.apps.b), await engines.b.readState(signal)];
    for (const side of ["a", "b"] as const) {
      pair.kill(side);
      await pair.apps[side].query(toVersion3);
    }
    // What was journalled before the new version comes is sent by it.
    await pair.apps.a.query("INSERT INTO t VALUES (2, 'b')");
    expect((await planScripts(engines.b, signal, "shop")).statements.join("\n")).toContain("SET version = 4");
    await installScripts(engines.b, signal);
    expect(await describeOurs(pair.apps.b)).toEqual(before);
    expect(await engines.b.readState(signal)).toEqual({ ...state, newestChunk: 0 });
    await expect(pair.apps.b.query("DELETE FROM t")).rejects.toThrow(/SpareSync/);
    await engines.b.rehearsePromotion(2, signal);
    const copiesBefore = copies();
    await startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.expectSame((target, source) => {
      expect(target).toEqual(source);
    }, "t");
    expect(copies()).toBe(copiesBefore);
    await pair.parts.b.raiseEpoch(2, signal);
    await pair.parts.b.promote(2, signal);
    await pair.apps.b.query("INSERT INTO t VALUES (3, 'c')");
  });

  test("what a newer version has installed is refused with both numbers, and stays as it is", async () => {
    await pair.both("CREATE TABLE t(id int PRIMARY KEY, v text)");
    await startRoles();
    for (const side of ["a", "b"] as const) {
      pair.kill(side);
      await pair.apps[side].query("UPDATE sparesync.meta SET version = 99");
      const before = await describeOurs(pair.apps[side]);
      await expect(installScripts(engines[side], signal)).rejects.toMatchObject({
        code: "DATABASE_UNSUPPORTED",
        message: expect.stringMatching(/version 99.*knows 4/) as unknown,
      });
      await pair.parts[side].setRole(
        side === "a" ? { role: "source", epoch: 1, continuous: false } : { role: "target", epoch: 1 },
      );
      await until(() => pair.parts[side].status()[0]?.health === "fatal");
      expect(await describeOurs(pair.apps[side])).toEqual(before);
    }
  });

  test("a reset clears the journal of a source and the position of a target, and the next target gets a full copy", async () => {
    await pair.both("CREATE TABLE t(id int PRIMARY KEY, v text)");
    await startRoles();
    await pair.apps.a.query("INSERT INTO t VALUES (1, 'a')");
    await pair.parts.a.synchronise(signal);
    await pair.apps.a.query("INSERT INTO t VALUES (2, 'b')");
    const { history } = await engines.a.readState(signal);
    for (const side of ["a", "b"] as const) await resetScripts(engines[side], signal, "shop");
    expect(await engines.a.readState(signal)).toMatchObject({ history: "the-same-id", shippedPoint: 0 });
    expect(history).not.toBe("the-same-id");
    expect(await engines.a.countPending(10, signal)).toBe(0);
    expect((await engines.b.readState(signal)).applied).toBeUndefined();
    await expect(engines.b.promote(2, "promoted", [], signal)).rejects.toMatchObject({
      code: "REINITIALISATION_REQUIRED",
    });
    const before = copies();
    await pair.parts.a.synchronise(signal);
    expect(copies()).toBe(before + 1);
    await pair.expectSame((target, source) => {
      expect(target).toEqual(source);
    }, "t");
  });
}
