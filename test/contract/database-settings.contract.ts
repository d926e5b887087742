import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { installScripts } from "../../actor/database/install-scripts.js";
import { openEngine } from "../../actor/database/open-engine.js";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";
import { contentOf, type DatabaseFixture } from "../support/database-fixture.js";
import { DatabasePair } from "../support/database-pair.js";
import { until } from "../support/until.js";

/** What the settings of a database change in its synchronisation. */
export function describeDatabaseSettings(start: () => Promise<DatabaseFixture>): void {
  const signal = new AbortController().signal;
  let fixture: DatabaseFixture;
  let pair: DatabasePair;

  beforeAll(async () => {
    fixture = await start();
  }, 120_000);
  afterAll(async () => {
    await fixture.close();
  });
  afterEach(async () => {
    await pair.close();
  });

  async function startRoles(): Promise<void> {
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
  }

  async function goOnWith(changes: Partial<DatabaseSettings>): Promise<void> {
    for (const side of ["a", "b"] as const) pair.settings[side] = { ...pair.settings[side], ...changes };
    pair.kill("a");
    pair.kill("b");
    await startRoles();
  }

  const isEqual = async (...names: string[]): Promise<void> => {
    await pair.expectSame(
      (target, source) => {
        expect(target).toEqual(source);
      },
      ...names,
    );
  };

  const triggersOf = async (table: string): Promise<number> => {
    const text = "SELECT 1 FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = $1::regclass";
    return (await pair.apps.a.query(text, [table])).rows.length;
  };

  async function reinstall(): Promise<void> {
    for (const side of ["a", "b"] as const) {
      const settings = pair.settings[side];
      const engine = openEngine({ settings, readSecret: () => Promise.resolve(""), newId: () => "an-id" });
      await installScripts(engine, signal);
      await engine.close();
    }
  }

  test("excludedTables: such a table is left alone on both sides, also on a standby, in a comparison and after a promotion", async () => {
    pair = await DatabasePair.open(fixture, { excludedTables: ["public.own", "public.no such"] });
    await pair.both(
      "CREATE TABLE t(id int PRIMARY KEY); CREATE TABLE own(id int PRIMARY KEY, of_t int REFERENCES t(id))",
    );
    await pair.apps.a.query("INSERT INTO t VALUES (1); INSERT INTO own VALUES (1, 1)");
    await pair.apps.b.query("INSERT INTO own VALUES (7, NULL)");
    await startRoles();
    await pair.parts.a.synchronise(signal);
    // The standby's application, or an administrator, may write there.
    await pair.apps.b.query("INSERT INTO own VALUES (8, 1)");
    await pair.apps.a.query("UPDATE own SET id = 2; INSERT INTO t VALUES (2)");
    await pair.parts.a.synchronise(signal);
    await pair.parts.a.verify({ database: "shop", isRepairing: true }, signal);
    await isEqual("t");
    expect(pair.logs.a.lines.filter(({ event }) => event === "database-install-finding")).toMatchObject([
      { fields: { because: expect.stringContaining("public.no such, and there is no such table") } },
    ]);
    await pair.parts.a.closeSource(signal);
    await pair.apps.a.query("INSERT INTO own VALUES (3, NULL)");
    await pair.parts.b.promote(2, signal);
    expect(await contentOf(pair.apps.a, "own")).toEqual(["(2,1)", "(3,)"]);
    expect(await contentOf(pair.apps.b, "own")).toEqual(["(7,)", "(8,1)"]);
    expect(await triggersOf("own")).toBe(0);
  });

  test("excludedTables: a table excluded later is let go at the next installation, and copied whole when it comes back", async () => {
    pair = await DatabasePair.open(fixture);
    await pair.both("CREATE TABLE t(id int PRIMARY KEY); CREATE TABLE later(id int PRIMARY KEY)");
    await pair.apps.a.query("INSERT INTO t VALUES (1); INSERT INTO later VALUES (1)");
    await startRoles();
    await pair.parts.a.synchronise(signal);
    const excluding = { excludedTables: ["public.later"] };
    await goOnWith(excluding);
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({
      code: "DATABASE_SCHEMA_CHANGED",
      message: expect.stringContaining("public.later"),
    });
    await reinstall();
    await goOnWith(excluding);
    expect(await triggersOf("later")).toBe(0);
    await pair.apps.a.query("INSERT INTO later VALUES (2); INSERT INTO t VALUES (2)");
    await pair.apps.b.query("DELETE FROM later");
    await pair.parts.a.synchronise(signal);
    await isEqual("t");
    expect(await contentOf(pair.apps.b, "later")).toEqual([]);
    for (const side of ["a", "b"] as const) pair.settings[side] = { ...pair.settings[side], excludedTables: [] };
    await reinstall();
    await goOnWith({ excludedTables: [] });
    const copied = pair.logs.a.lines.length;
    await pair.parts.a.synchronise(signal);
    await isEqual("t", "later");
    const again = pair.logs.a.lines.slice(copied).filter(({ event }) => event === "database-tables-copied-again");
    expect(again).toMatchObject([{ fields: { tables: ["public.later"] } }]);
  });

  test("compressBatches: copies and points of rows that compress are a fraction on the link, and the same on the target", async () => {
    const bytesWith = async (compressBatches: boolean): Promise<{ copy: number; points: number }> => {
      pair = await DatabasePair.open(fixture, { compressBatches });
      await pair.both("CREATE TABLE t(id int PRIMARY KEY, v text)");
      const rows = "SELECT g, 'the same words in each row of it ' || g FROM generate_series";
      await pair.apps.a.query(`INSERT INTO t ${rows}(1, 2000) g`);
      await startRoles();
      await pair.parts.a.synchronise(signal);
      const bodies = (from: number): number =>
        pair.links.a.asked.slice(from).reduce((sum, { message }) => sum + (message.body?.length ?? 0), 0);
      const [before, copy] = [pair.links.a.asked.length, bodies(0)];
      await pair.apps.a.query(`INSERT INTO t ${rows}(3001, 5000) g; INSERT INTO t VALUES (9000, repeat('x', 300000))`);
      await pair.parts.a.synchronise(signal);
      await isEqual("t");
      return { copy, points: bodies(before) };
    };
    const [plain, packed] = [await bytesWith(false), await pair.close().then(() => bytesWith(true))];
    expect(plain.copy).toBeGreaterThan(60_000);
    expect(plain.points).toBeGreaterThan(360_000);
    expect(packed.copy).toBeLessThan(plain.copy / 4);
    expect(packed.points).toBeLessThan(plain.points / 4);
  });

  test("reinitialiseOnError off: a target that is no copy any more keeps its rows, turns off once, and is copied when asked", async () => {
    pair = await DatabasePair.open(fixture, { reinitialiseOnError: false });
    await pair.both("CREATE TABLE t(id int PRIMARY KEY)");
    await pair.apps.a.query("INSERT INTO t VALUES (1)");
    await startRoles();
    // The very first copy is no error.
    await pair.parts.a.synchronise(signal);
    await isEqual("t");
    // As a target that was restored from an old backup.
    await pair.apps.b.query("DELETE FROM sparesync.applied");
    await pair.apps.b.query("BEGIN; SET LOCAL session_replication_role = replica; INSERT INTO t VALUES (7); COMMIT");
    pair.kill("b");
    pair.kill("a");
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
    const copies = (): number => pair.links.a.count("database/copy-begin");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
    await until(() => pair.parts.a.status()[0]?.health === "fatal");
    expect(pair.parts.a.takeTurnOff?.()).toMatch(/must be copied anew/);
    expect(await contentOf(pair.apps.b, "t")).toEqual(["(1)", "(7)"]);
    expect(copies()).toBe(0);
    await pair.parts.a.reinitialise({ database: "shop", tables: undefined }, signal);
    await until(() => pair.parts.a.status()[0]?.isComplete === true, 30_000);
    await isEqual("t");
    expect(copies()).toBe(1);
    await until(() => pair.parts.a.status()[0]?.health === "ok");
    expect(pair.parts.a.takeTurnOff?.()).toBeUndefined();
  });
}
