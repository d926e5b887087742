import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { connectApplication, contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

/** What respects no snapshot: a point that waits for its lock reads an empty table, of all that was committed with it nothing. */

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
});
afterEach(async () => {
  await pair.close();
});

/** What is asked for meanwhile, a point, has its snapshot and waits for the table when `what` is committed. */
async function whileRead(what: string, read = () => pair.parts.a.synchronise(signal) as Promise<unknown>) {
  const other = await connectApplication(pair.settings.a);
  try {
    await other.query(`BEGIN; ${what}`);
    const sent = read().catch((error: unknown) => error);
    const waits = "SELECT FROM pg_locks WHERE NOT granted AND relation = 't'::regclass";
    await until(async () => (await pair.apps.a.query(waits)).rowCount === 1);
    await other.query("COMMIT");
    return await sent;
  } finally {
    await other.end();
  }
}

test.each([
  {
    when: "a table is emptied and filled again",
    what: "CREATE TEMP TABLE k AS SELECT * FROM t; TRUNCATE t; INSERT INTO t SELECT * FROM k",
  },
  { when: "a table is written anew", what: "ALTER TABLE t ALTER COLUMN v TYPE int USING v + 0" },
])("where $when while it is read the spare shows no state that never was, and then the new one", async ({ what }) => {
  await pair.both("CREATE TABLE t(id int PRIMARY KEY, v int); CREATE TABLE u(id int PRIMARY KEY, v int)");
  await pair.apps.a.query("INSERT INTO t VALUES (1, 100), (2, 100); INSERT INTO u VALUES (1, 0)");
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  await pair.apps.a.query("BEGIN; UPDATE t SET v = 50 WHERE id = 1; UPDATE u SET v = 50; COMMIT");
  expect(await whileRead(what)).toMatchObject({
    code: "DATABASE_BUSY",
    message: expect.stringContaining('"public"."t" was emptied or written anew while it was read') as unknown,
  });
  expect(await contentOf(pair.apps.b, "t")).toEqual(["(1,100)", "(2,100)"]);
  expect(await contentOf(pair.apps.b, "u")).toEqual(["(1,0)"]);
  // The next one waits before it takes its snapshot, so that who does this all the time does not keep it from ever being read.
  await pair.apps.a.query("UPDATE t SET v = 49 WHERE id = 1; UPDATE u SET v = 51");
  expect(await whileRead("CREATE TEMP TABLE k AS SELECT * FROM t; TRUNCATE t; INSERT INTO t SELECT * FROM k")).toEqual(
    expect.objectContaining({ changesSent: expect.any(Number) as unknown }),
  );
  for (const table of ["t", "u"])
    expect(await contentOf(pair.apps.b, table)).toEqual(await contentOf(pair.apps.a, table));
});

test("a backup that is written meanwhile holds one state of all tables", async () => {
  await pair.both("CREATE TABLE t(id int PRIMARY KEY, v int); CREATE TABLE u(id int PRIMARY KEY, v int)");
  await pair.apps.a.query("INSERT INTO t VALUES (1, 100); INSERT INTO u VALUES (1, 0)");
  await pair.startRoles();
  const folder = await whileRead("TRUNCATE t; INSERT INTO t VALUES (1, 50); UPDATE u SET v = 50", () =>
    pair.parts.a.backUp("now", signal),
  );
  const files = (await readdir(String(folder))).filter((name) => name.endsWith(".copy"));
  const tables = await Promise.all(files.map((name) => readFile(join(String(folder), name), "utf8")));
  expect(tables).toEqual(["1\t50\n", "1\t50\n"]);
});
