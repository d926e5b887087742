import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

/** What writes the rows of a table anew and fires no trigger. */

const { signal } = new AbortController();
const same = (target: string[], source: string[]): void => {
  expect(target).toEqual(source);
};
const setup = `CREATE TABLE t(id int PRIMARY KEY, price int, x int); CREATE TABLE u(id int PRIMARY KEY);
  INSERT INTO t SELECT g, g, g FROM generate_series(1, 50) g`;
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

/** Tables that have been copied again. */
function copiedAgain(): readonly unknown[] {
  const lines = pair.logs.a.lines.filter(({ event }) => event === "database-tables-copied-again");
  return lines.map(({ fields }) => fields["tables"]);
}

describe("on the source", () => {
  test.each([
    {
      when: "a column gets its type once more, with other values",
      ddl: "ALTER TABLE t ALTER COLUMN price TYPE int USING price * 100",
    },
    {
      when: "a column is dropped and another one of its name comes",
      ddl: "ALTER TABLE t DROP COLUMN x; ALTER TABLE t ADD COLUMN x int",
    },
    {
      when: "two columns change their names",
      ddl: "ALTER TABLE t RENAME x TO y; ALTER TABLE t RENAME price TO x; ALTER TABLE t RENAME y TO price",
    },
  ])("$when: the table is copied again, and no other", async ({ ddl }) => {
    await pair.both(setup);
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.apps.a.query(`${ddl}; UPDATE t SET price = 7, x = 8 WHERE id = 1`);
    await pair.parts.a.synchronise(signal);
    // Their order is that in which they were made, and differs now.
    const columns = "SELECT id, price, x FROM t ORDER BY id";
    expect((await pair.apps.b.query(columns)).rows).toEqual((await pair.apps.a.query(columns)).rows);
    expect(copiedAgain()).toEqual([["public.t"]]);
    await pair.parts.a.synchronise(signal);
    expect(copiedAgain().length).toBe(1);
  });

  test("a column that is gone for a while, and what was done while the actor was away, is known as well", async () => {
    await pair.both(setup);
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.apps.a.query("ALTER TABLE t DROP COLUMN x");
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "DATABASE_SCHEMA_CHANGED" });
    pair.kill("a");
    await pair.apps.a.query("ALTER TABLE t ADD COLUMN x int");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    await pair.parts.a.synchronise(signal);
    await pair.expectSame(same, "t");
    pair.kill("a");
    await pair.apps.a.query("ALTER TABLE t ALTER COLUMN price TYPE int USING price + 1");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    await pair.parts.a.synchronise(signal);
    await pair.expectSame(same, "t");
  });

  test.each([
    "VACUUM FULL t",
    "CLUSTER t USING t_pkey",
    "TRUNCATE t; INSERT INTO t VALUES (1, 1, 1)",
    "REINDEX TABLE t",
    "ALTER TABLE t ALTER COLUMN price SET STATISTICS 50",
    "GRANT SELECT (price) ON t TO PUBLIC",
    "ANALYZE t",
    "UPDATE t SET x = x + 1",
  ])("%s changes no row unseen: nothing is copied again", async (statement) => {
    await pair.both(setup);
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.apps.a.query(statement);
    await pair.parts.a.synchronise(signal);
    pair.kill("a");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    await pair.parts.a.synchronise(signal);
    await pair.expectSame(same, "t");
    expect(copiedAgain()).toEqual([]);
  });
});

test("on the target: what a person rewrites there is copied again within seconds, though nothing is sent", async () => {
  await pair.both(setup);
  await pair.parts.b.setRole({ role: "target", epoch: 1 });
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
  await until(() => pair.parts.a.status()[0]?.isComplete === true);
  const ddl = "ALTER TABLE t ALTER COLUMN price TYPE int USING price * 100";
  await pair.apps.a.query(ddl);
  const expected = await contentOf(pair.apps.a, "t");
  const isSame = async (): Promise<boolean> => (await contentOf(pair.apps.b, "t")).join() === expected.join();
  await until(isSame, 30_000);
  // The session that copied is over its questions: only that nothing waits is still said.
  const said = pair.links.a.count("database/current");
  await until(() => pair.links.a.count("database/current") > said + 1);
  await pair.apps.b.query(ddl);
  expect(await isSame()).toBe(false);
  await until(isSame, 30_000);
  // The copy itself, which empties the table and builds its index again, is not taken for one more.
  await new Promise((resolve) => setTimeout(resolve, 7_000));
  expect(await contentOf(pair.apps.b, "t")).toEqual(expected);
  expect(copiedAgain()).toEqual([["public.t"], ["public.t"]]);
  expect(pair.parts.a.status()[0]).toMatchObject({ isComplete: true, health: "ok" });
}, 120_000);

test("on the target: what the copy itself does to a table is no reason for another one, whatever rights are given meanwhile", async () => {
  await pair.both(setup);
  await pair.startRoles();
  const granted: Promise<unknown>[] = [];
  pair.links.a.faultOf = (kind) => {
    if (kind === "database/copy-chunk") granted.push(pair.apps.b.query("GRANT SELECT (price) ON t TO PUBLIC"));
    return "none";
  };
  await pair.parts.a.synchronise(signal);
  await pair.apps.b.query("REVOKE SELECT (price) ON t FROM PUBLIC");
  await pair.parts.a.reinitialise({ database: "shop", tables: ["public.t"] }, signal);
  await pair.parts.a.synchronise(signal);
  await Promise.all(granted);
  pair.kill("a");
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
  await pair.parts.a.synchronise(signal);
  expect(copiedAgain()).toEqual([["public.t"]]);
});

test("on a promoted target: the lost server gets the whole table when it is back, though its journal was whole", async () => {
  await pair.both(setup);
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  await pair.failOverTo("b", 2);
  await pair.apps.b.query("ALTER TABLE t ALTER COLUMN price TYPE int USING price * 100");
  await pair.parts.a.setRole({ role: "target", epoch: 2 });
  await pair.parts.b.synchronise(signal);
  await pair.expectSame(same, "t", "u");
});
