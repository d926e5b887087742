import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { planScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import { connectApplication, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

const { signal } = new AbortController();
let fixture: DatabaseFixture;
let pair: DatabasePair;
let other: Awaited<ReturnType<typeof connectApplication>>;

beforeAll(async () => {
  fixture = await startPostgresqlFixture();
  const admin = await connectApplication(fixture.settings[0]);
  await admin.query("CREATE ROLE shop_owner LOGIN; CREATE ROLE clerk LOGIN");
  await admin.query("GRANT SET ON PARAMETER session_replication_role TO shop_owner");
  await admin.end();
}, 120_000);
afterAll(async () => {
  await fixture.close();
});
beforeEach(async () => {
  pair = await DatabasePair.open(fixture);
  await pair.both("CREATE TABLE t(id int PRIMARY KEY); GRANT ALL ON t TO clerk; GRANT USAGE ON SCHEMA public TO clerk");
  await pair.apps.a.query("INSERT INTO t SELECT generate_series(1, 10)");
}, 120_000);
afterEach(async () => {
  await other.end();
  await pair.close();
});

function engineOf(side: "a" | "b", user: string) {
  const settings = { ...pair.settings[side], user };
  return openEngine({ settings, readSecret: () => Promise.resolve(""), newId: () => "an-id" });
}

/** A maintenance that lasts: it waits for a transaction that is older than it. */
async function maintain(
  side: "a" | "b",
): Promise<{ readonly failed: Promise<unknown>; readonly stop: () => Promise<void> }> {
  const old = await connectApplication(pair.settings[side]);
  await old.query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t");
  const failed = other.query("CREATE INDEX CONCURRENTLY i ON t(id)").catch((error: unknown) => error);
  const waiting = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONC%' AND wait_event_type = 'Lock'";
  await until(async () => (await pair.apps[side].query(waiting)).rows.length > 0);
  return { failed, stop: () => old.end() };
}

test("a source is closed although an index is built concurrently: the statement is cancelled, its session stays", async () => {
  other = await connectApplication(pair.settings.a);
  await pair.startRoles();
  const { failed, stop } = await maintain("a");
  try {
    await pair.parts.a.closeSource(AbortSignal.timeout(15_000));
    expect(await pair.parts.a.isSourceClosed(signal)).toBe(true);
    expect(String(await failed)).toContain("canceling statement due to user request");
    expect((await other.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  } finally {
    await stop();
  }
}, 120_000);

test("a promotion cancels it as well, names it, and is done at the next try", async () => {
  other = await connectApplication(pair.settings.b);
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  const { failed, stop } = await maintain("b");
  try {
    await pair.parts.b.raiseEpoch(2, signal);
    await expect(pair.parts.b.promote(2, signal)).rejects.toMatchObject({
      code: "DATABASE_BUSY",
      message: expect.stringMatching(/held are public\.t by session \d+ \(role postgres, CREATE, since /),
    });
    expect(String(await failed)).toContain("canceling statement");
    await pair.parts.b.promote(2, signal);
  } finally {
    await stop();
  }
}, 120_000);

test("rows that somebody has locked on the spare: the failure names the session and the table", async () => {
  other = await connectApplication({ ...pair.settings.b, user: "clerk" });
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  await other.query("BEGIN; SELECT FROM t WHERE id = 5 FOR UPDATE");
  const { rows } = await other.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  await pair.apps.a.query("DELETE FROM t WHERE id = 5");
  await expect(pair.parts.a.synchronise(signal)).rejects.toThrow(
    new RegExp(`held are public\\.t by session ${rows[0]?.pid} \\(role clerk, idle in transaction, SELECT, since `),
  );
  await other.query("ROLLBACK");
  await pair.parts.a.synchronise(signal);
}, 120_000);

test("rows that somebody goes on to hold on the spare: the session is ended at the fifth try, by name, and no other", async () => {
  other = await connectApplication({ ...pair.settings.b, user: "clerk" });
  other.on("error", () => undefined);
  const reader = await connectApplication({ ...pair.settings.b, user: "clerk" });
  try {
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await reader.query("BEGIN; SELECT FROM t");
    await other.query("BEGIN; SELECT FROM t WHERE id = 5 FOR UPDATE");
    const { rows } = await other.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await pair.apps.a.query("DELETE FROM t WHERE id = 5");
    const failures: string[] = [];
    for (let number = 1; number <= 5; number += 1)
      failures.push(String(await pair.parts.a.synchronise(signal).catch((error: unknown) => error)));
    const ended = new RegExp(`ended was what held public\\.t by session ${rows[0]?.pid} \\(role clerk`);
    expect(failures.map((failure) => ended.test(failure))).toEqual([false, false, false, false, true]);
    await pair.parts.a.synchronise(signal);
    expect((await reader.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  } finally {
    await reader.end();
  }
}, 240_000);

test("an index that is being built on the spare is waited for, and named", async () => {
  other = await connectApplication(pair.settings.b);
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  await other.query("BEGIN; CREATE INDEX i ON t(id)");
  await pair.apps.a.query("DELETE FROM t WHERE id = 5");
  for (let number = 1; number <= 6; number += 1)
    await expect(pair.parts.a.synchronise(signal)).rejects.toThrow(/held are public\.t by session \d+ \(role postgres/);
  await other.query("COMMIT");
  await pair.parts.a.synchronise(signal);
}, 240_000);

test("a role that may not end the sessions of others is told so before anything is installed, and again by name when it must", async () => {
  for (const side of ["a", "b"] as const) {
    await pair.apps[side].query(`ALTER DATABASE ${pair.settings[side].database} OWNER TO shop_owner;
      ALTER SCHEMA public OWNER TO shop_owner; ALTER TABLE t OWNER TO shop_owner`);
  }
  other = await connectApplication({ ...pair.settings.a, user: "clerk" });
  const engine = engineOf("a", "shop_owner");
  try {
    await engine.probe(signal);
    const { findings } = await planScripts(engine, signal, "shop");
    expect(findings).toContainEqual({
      severity: "warning",
      message: expect.stringContaining("shop_owner may not end the sessions of other roles"),
      hint: expect.stringContaining("GRANT pg_signal_backend TO shop_owner"),
    });
    await engine.install((await engine.readCatalogue(signal)).tables, signal);
    await other.query("BEGIN; INSERT INTO t VALUES (100)");
    await expect(engine.closeGate("closed", 0, signal)).rejects.toMatchObject({
      code: "DATABASE_REFUSED",
      message: expect.stringMatching(/public\.t by session \d+ \(role clerk/),
      hint: expect.stringContaining("GRANT pg_signal_backend TO shop_owner"),
    });
    await pair.apps.a.query("GRANT pg_signal_backend TO shop_owner");
    await engine.closeGate("closed", 0, signal);
  } finally {
    await pair.apps.a.query("REVOKE pg_signal_backend FROM shop_owner");
    await engine.close();
  }
}, 120_000);

test("a sequence that may not be set is named before an installation and by a rehearsal, with what to grant", async () => {
  other = await connectApplication(pair.settings.b);
  await pair.both(`CREATE SEQUENCE usable; GRANT SELECT ON SEQUENCE usable TO shop_owner`);
  await pair.apps.a.query("SELECT nextval('usable')");
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  await pair.apps.b
    .query(`ALTER DATABASE ${pair.settings.b.database} OWNER TO shop_owner; ALTER SCHEMA sparesync OWNER TO shop_owner;
    ALTER TABLE t OWNER TO shop_owner; GRANT ALL ON ALL TABLES IN SCHEMA sparesync TO shop_owner; GRANT ALL ON SCHEMA public TO shop_owner`);
  const engine = engineOf("b", "shop_owner");
  try {
    await engine.probe(signal);
    const { tables } = await engine.readCatalogue(signal);
    await engine.use(tables, signal);
    expect(await engine.preflight(tables, signal)).toContainEqual(
      expect.objectContaining({
        severity: "refusal",
        message: "the role shop_owner lacks SELECT and UPDATE on the sequence: public.usable",
      }),
    );
    await expect(engine.rehearsePromotion(2, signal)).rejects.toMatchObject({
      message: expect.stringContaining("shop_owner may not set the sequences public.usable"),
      hint: expect.stringContaining("GRANT SELECT, UPDATE ON SEQUENCE public.usable TO shop_owner"),
    });
    await pair.apps.b.query("GRANT UPDATE ON SEQUENCE usable TO shop_owner");
    await engine.rehearsePromotion(2, signal);
  } finally {
    await engine.close();
  }
}, 120_000);
