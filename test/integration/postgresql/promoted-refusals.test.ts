import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { installScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import { createSystemRandom } from "../../../shared/system-random.js";
import { contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair, type Side } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

/** A spare that takes over while its own database refuses something of what it was sent. */

const { signal } = new AbortController();
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
  await pair.both("CREATE TABLE t(id int PRIMARY KEY, v text); CREATE TABLE images(v text)");
});
afterEach(async () => {
  await pair.close();
});

test.each([
  { when: "a CHECK", ddl: "ALTER TABLE t ADD CONSTRAINT only_here CHECK (id <> 2)", error: /only_here/ },
  { when: "a UNIQUE", ddl: "ALTER TABLE t ADD CONSTRAINT only_here UNIQUE (v)", error: /only_here/ },
  {
    when: "a trigger",
    ddl: `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'not here'; END$$;
      CREATE TRIGGER only_here BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION refuse(); ALTER TABLE t ENABLE ALWAYS TRIGGER only_here`,
    error: /refuse\(\)/,
  },
])(
  "a spare that alone has $when takes over without the rows that it refuses, and keeps them in a report",
  async ({ ddl, error }) => {
    await pair.apps.a.query("INSERT INTO t VALUES (1, 'old'); INSERT INTO images VALUES ('one')");
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.apps.b.query(ddl);
    await pair.apps.a.query("INSERT INTO t VALUES (2, 'old'), (3, 'good'); DELETE FROM images");
    await expect(pair.parts.a.synchronise(signal)).rejects.toThrow(error);
    await pair.failOverTo("b", 2);
    expect(await contentOf(pair.apps.b, "images")).toEqual(["(one)"]);
    await pair.apps.b.query("INSERT INTO images VALUES ('served')");
    const because = expect.stringMatching(error) as unknown;
    const kept = await pair.findings("b");
    expect(kept).toContainEqual({
      table: "public.t",
      key: { id: "2" },
      state: "present",
      row: { id: "2", v: "old" },
      because,
    });
    expect(kept).toContainEqual({
      table: "public.t",
      key: { id: "3" },
      state: "present",
      row: { id: "3", v: "good" },
      because,
    });
    expect(kept).toContainEqual(expect.objectContaining({ table: "public.images", state: "touched", because }));
    expect(kept.length).toBe(3);
    expect(pair.logs.b.lines.find(({ event }) => event === "database-point-set-aside")?.fields).toMatchObject({
      rows: 3,
      because,
    });
    // The lost server comes back: what only it had is written down there as well, and both are the same again.
    await pair.parts.a.setRole({ role: "target", epoch: 2 });
    await pair.parts.b.synchronise(signal);
    expect((await pair.divergence("a")).map(({ row }) => row?.["v"])).toEqual(expect.arrayContaining(["old", "good"]));
    await pair.expectSame(
      (target, source) => {
        expect(target).toEqual(source);
      },
      "t",
      "images",
    );
  },
  90_000,
);

test("the keys of a refused point are journalled on the new source, although its promotion fails at first", async () => {
  await pair.apps.a.query("INSERT INTO t VALUES (1, 'old')");
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  await pair.apps.b.query("ALTER TABLE t ADD CONSTRAINT only_here CHECK (v <> 'bad')");
  await pair.apps.a.query("UPDATE t SET v = 'bad'");
  await expect(pair.parts.a.synchronise(signal)).rejects.toThrow(/only_here/);
  await pair.parts.b.raiseEpoch(2, signal);
  const locked = await pair.apps.b.query("BEGIN; LOCK TABLE images IN SHARE MODE");
  expect(locked).toBeDefined();
  await expect(pair.parts.b.promote(2, signal)).rejects.toMatchObject({ code: "DATABASE_BUSY" });
  await pair.apps.b.query("ROLLBACK");
  await pair.parts.b.promote(2, signal);
  await pair.parts.b.setRole({ role: "source", epoch: 2, continuous: false });
  const journal = "SELECT ((SELECT count(*) FROM sparesync.j_1) + (SELECT count(*) FROM sparesync.j_2))::int AS n";
  expect((await pair.apps.b.query(journal)).rows).toEqual([{ n: 1 }]);
  expect((await pair.findings("b")).length).toBe(1);
});

test.each([
  { when: "a column", ddl: "ALTER TABLE t ADD COLUMN only_here int NOT NULL DEFAULT 1", isRestarted: false },
  { when: "a table", ddl: "CREATE TABLE only_here(id int PRIMARY KEY)", isRestarted: false },
  { when: "a table, and whose actor was restarted since,", ddl: "CREATE TABLE only_here(id int)", isRestarted: true },
  { when: "no longer a table, that was dropped,", ddl: "DROP TABLE images", isRestarted: false },
])("a spare that alone has $when takes over with the tables as they were installed", async ({ ddl, isRestarted }) => {
  await pair.apps.a.query("INSERT INTO t VALUES (1, 'old')");
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  await pair.apps.b.query(ddl);
  await expect(newSession()).rejects.toThrow(/its schema has changed/);
  if (isRestarted) {
    pair.kill("b");
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
  }
  await pair.parts.b.raiseEpoch(2, signal);
  await pair.parts.b.promote(2, signal);
  // A word of the old source makes a target look at its tables; a target again would refuse the application.
  await expect(newSession()).rejects.toThrow();
  expect(await pair.parts.b.isPromoted(signal)).toBe(true);
  await pair.apps.b.query("INSERT INTO t(id, v) VALUES (2, 'served')");
  expect(pair.logs.b.events).toContain("database-taken-over-as-installed");
  await pair.parts.b.setRole({ role: "source", epoch: 2, continuous: false });
  expect(pair.parts.b.status()[0]).toMatchObject({
    health: "fatal",
    because: expect.stringContaining("its schema has changed") as unknown,
  });
  // What is written meanwhile is in the journal.
  await pair.both(ddl.startsWith("DROP") ? "DROP TABLE IF EXISTS images" : "DROP TABLE IF EXISTS only_here");
  await pair.both("ALTER TABLE t DROP COLUMN IF EXISTS only_here");
  for (const side of ["a", "b"] as const) await installOn(side);
  await pair.parts.a.setRole({ role: "target", epoch: 2 });
  await pair.parts.b.synchronise(signal);
  expect(await contentOf(pair.apps.a, "t")).toEqual(["(1,old)", "(2,served)"]);
});

async function newSession(): Promise<unknown> {
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
  return pair.parts.a.synchronise(signal);
}

async function installOn(side: Side): Promise<void> {
  const options = { readSecret: () => Promise.resolve(""), newId: () => createSystemRandom().id() };
  const engine = openEngine({ ...options, settings: pair.settings[side] });
  await installScripts(engine, signal);
  await engine.close();
}

test("what has arrived is kept although the spare's tables are changed between its claim and its promotion", async () => {
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  await pair.apps.b.query("ALTER TABLE t ADD CONSTRAINT only_here CHECK (v <> 'bad')");
  await pair.apps.a.query("INSERT INTO t VALUES (1, 'bad')");
  await expect(pair.parts.a.synchronise(signal)).rejects.toThrow(/only_here/);
  await pair.parts.b.raiseEpoch(2, signal);
  await pair.apps.b.query("ALTER TABLE t ADD COLUMN later int");
  await expect(newSession()).rejects.toThrow(/epoch 1 is over/);
  await pair.parts.b.promote(2, signal);
  expect((await pair.findings("b")).map(({ row }) => row?.["v"])).toEqual(["bad"]);
});
