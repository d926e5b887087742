import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { installScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import type { DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

/** Columns that the capture triggers name, and that go along with something else. */

const { signal } = new AbortController();
const same = (target: string[], source: string[]): void => {
  expect(target).toEqual(source);
};
let fixture: DatabaseFixture;
let pair: DatabasePair;

beforeAll(async () => {
  fixture = await startPostgresqlFixture();
}, 60_000);
afterAll(async () => {
  await fixture.close();
});
beforeEach(async () => {
  pair = await DatabasePair.open(fixture);
});
afterEach(async () => {
  await pair.both("DROP SCHEMA IF EXISTS extra CASCADE");
  await pair.close();
});

test.each([
  {
    when: "the type of its key",
    make: "CREATE TYPE extra.mood AS ENUM ('good', 'bad'); CREATE TABLE t(v int, k extra.mood PRIMARY KEY)",
    drop: "DROP TYPE extra.mood CASCADE",
  },
  {
    when: "the type under the domain of its key",
    make: `CREATE TYPE extra.mood AS ENUM ('good', 'bad'); CREATE DOMAIN extra.known AS extra.mood NOT NULL;
      CREATE TABLE t(v int, k extra.known PRIMARY KEY)`,
    drop: "DROP TYPE extra.mood CASCADE",
  },
  {
    when: "the domain of its key",
    make: "CREATE DOMAIN extra.known AS text; CREATE TABLE t(v int, k extra.known PRIMARY KEY)",
    drop: "DROP DOMAIN extra.known CASCADE",
  },
  {
    when: "the schema of its key's type",
    make: "CREATE TYPE extra.mood AS ENUM ('good', 'bad'); CREATE TABLE t(v int, k extra.mood PRIMARY KEY)",
    drop: "DROP SCHEMA extra CASCADE",
  },
  {
    when: "the extension of its key's type",
    make: "CREATE EXTENSION citext SCHEMA extra; CREATE TABLE t(v int, k extra.citext PRIMARY KEY)",
    drop: "DROP EXTENSION citext CASCADE",
  },
  {
    when: "the table whose rows stand in one without a key",
    make: "CREATE TABLE extra.pair(x int, y int); CREATE TABLE t(v int, k extra.pair)",
    drop: "DROP TABLE extra.pair CASCADE",
  },
])(
  "$when is dropped: the application writes on, and the change is named",
  async ({ make, drop }) => {
    await pair.both(`CREATE SCHEMA extra; ${make}; CREATE TABLE u(id int PRIMARY KEY)`);
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.apps.a.query(drop);
    await pair.apps.a.query(
      "INSERT INTO t(v) VALUES (1), (2); UPDATE t SET v = 3 WHERE v = 2; DELETE FROM t WHERE v = 1",
    );
    await pair.apps.a.query("INSERT INTO u VALUES (1)");
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "DATABASE_SCHEMA_CHANGED" });
    await pair.apps.b.query(drop);
    for (const settings of [pair.settings.a, pair.settings.b]) {
      const engine = openEngine({
        settings,
        readSecret: (file) => readFile(file, "utf8"),
        newId: () => "another-mark",
      });
      await installScripts(engine, signal).finally(() => engine.close());
    }
    await pair.parts.a.synchronise(signal);
    await pair.expectSame(same, "t", "u");
  },
  60_000,
);

test("what was made with the schema goes with it, and nothing is left that could fail", async () => {
  await pair.both("CREATE SCHEMA extra; CREATE TABLE t(id int PRIMARY KEY, v int)");
  await pair.startRoles();
  await pair.apps.a.query("DROP SCHEMA sparesync CASCADE");
  await pair.apps.a.query("ALTER TABLE t DROP COLUMN v; INSERT INTO t VALUES (1)");
  expect((await pair.apps.a.query("SELECT FROM pg_event_trigger WHERE evtname LIKE 'sparesync%'")).rowCount).toBe(0);
}, 60_000);
