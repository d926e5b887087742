import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { openEngine } from "../../../actor/database/open-engine.js";
import { contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair, type Side } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

const { signal } = new AbortController();
/** Several looks at the gates. */
const withinMs = 8_000;
let fixture: DatabaseFixture;
let pair: DatabasePair;

beforeAll(async () => {
  fixture = await startPostgresqlFixture();
}, 120_000);
afterAll(async () => {
  await fixture.close();
});
beforeEach(async () => {
  pair = await DatabasePair.open(fixture);
  await pair.both("CREATE TABLE t(id int PRIMARY KEY); CREATE TABLE u(id int PRIMARY KEY)");
  await pair.apps.a.query("INSERT INTO t SELECT generate_series(1, 10)");
}, 120_000);
afterEach(async () => {
  await pair.close();
});

/** What pg_restore --disable-triggers sends for one table. */
async function loadWithoutTriggers(side: Side, row: number): Promise<void> {
  await pair.apps[side].query(`BEGIN; ALTER TABLE t DISABLE TRIGGER ALL; INSERT INTO t VALUES (${row});
    ALTER TABLE t ENABLE TRIGGER ALL; COMMIT`);
}

function write(side: Side, row: number): Promise<unknown> {
  return pair.apps[side].query(`INSERT INTO t VALUES (${row})`);
}

function toldOf(side: Side): readonly unknown[] {
  const lines = pair.logs[side].lines.filter(({ event }) => event === "database-gates-put-right");
  return lines.map(({ fields }) => fields["tables"]);
}

const isWritten = (side: Side, row: number): Promise<boolean> =>
  write(side, row).then(
    () => true,
    () => false,
  );

async function startContinuous(): Promise<void> {
  await pair.parts.b.setRole({ role: "target", epoch: 1 });
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
  await until(() => pair.parts.a.status()[0]?.isComplete === true, 20_000);
}

test("a load that disables and enables all triggers refuses the application for seconds at most, and what it has loaded arrives", async () => {
  await startContinuous();
  await loadWithoutTriggers("a", 100);
  await until(() => isWritten("a", 102), withinMs);
  await until(async () => (await contentOf(pair.apps.b, "t")).length === 12, 20_000);
  await pair.expectSame((b, a) => {
    expect(b).toEqual(a);
  }, "t");
  expect(toldOf("a")).toEqual([["public.t"]]);
}, 120_000);

test("an actor that begins finds the gate that was closed while it was away", async () => {
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  pair.kill("a");
  await loadWithoutTriggers("a", 100);
  await expect(write("a", 101)).rejects.toThrow(/gate of this active database was closed by another hand/);
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
  await write("a", 101);
  await pair.parts.a.synchronise(signal);
  await pair.expectSame((b, a) => {
    expect(b).toEqual(a);
  }, "t");
  expect(toldOf("a")).toEqual([["public.t"]]);
}, 120_000);

test("a switch right after such a load takes what it has loaded along", async () => {
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  await loadWithoutTriggers("a", 100);
  await pair.parts.a.closeSource(signal);
  await pair.parts.a.drain(signal);
  expect(await contentOf(pair.apps.b, "t")).toContain("(100)");
}, 120_000);

test("a gate that is opened on the spare is closed within seconds, and the table is named; others are left alone", async () => {
  await startContinuous();
  await pair.apps.b.query("ALTER TABLE t DISABLE TRIGGER sparesync_gate");
  await until(async () => !(await isWritten("b", 1000 + Math.floor(Math.random() * 1e6))), withinMs);
  await expect(write("b", 100)).rejects.toThrow(/SpareSync: this is the standby/);
  // It is told a moment after it is done.
  await until(() => toldOf("b").length > 0);
  expect(toldOf("b")).toEqual([["public.t"]]);
  expect(pair.links.a.count("database/copy-begin")).toBe(1);
}, 120_000);

test("what is no longer as it was found is left as it is", async () => {
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  // Nobody else is to put it right.
  pair.kill("b");
  const engine = openEngine({ settings: pair.settings.b, readSecret: () => Promise.resolve(""), newId: () => "an-id" });
  try {
    await pair.apps.b.query("ALTER TABLE t DISABLE TRIGGER sparesync_gate");
    expect(await engine.readWrongGates("standby", signal)).toEqual(["public.t"]);
    expect(await engine.readWrongGates("open", signal)).toEqual([]);
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
    await pair.failOverTo("b", 2);
    expect(await engine.mendGate("public.t", "standby", signal)).toBe(false);
    await write("b", 100);
  } finally {
    await engine.close();
  }
}, 120_000);

test("a database that is about to be switched says that to the application", async () => {
  await pair.startRoles();
  await pair.parts.a.closeSource(signal);
  await expect(write("a", 100)).rejects.toThrow(/about to be switched/);
}, 120_000);
