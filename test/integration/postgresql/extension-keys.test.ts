import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { openEngine } from "../../../actor/database/open-engine.js";
import { createSystemRandom } from "../../../shared/system-random.js";
import type { DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

/** Keys whose types come with an extension, and with operators that only its schema has. */

const { signal } = new AbortController();
const same = (target: string[], source: string[]): void => {
  expect(target).toEqual(source);
};
let fixture: DatabaseFixture;
let pair: DatabasePair;

beforeAll(async () => {
  fixture = await startPostgresqlFixture();
}, 120_000);
afterAll(async () => {
  await fixture.close();
});
beforeEach(async () => {
  pair = await DatabasePair.open(fixture, { batchRows: 100 });
});
afterEach(async () => {
  for (const app of [pair.apps.a, pair.apps.b]) await app.query("DROP SCHEMA IF EXISTS extra CASCADE");
  await pair.close();
});

/** All rows of both sides are equal, as SpareSync itself compares them, range by range. */
async function expectVerified(rows: number): Promise<void> {
  const report = await pair.parts.a.verify({ database: "shop", isRepairing: false }, signal);
  expect(report).toMatchObject({ isComplete: true, rows, differences: 0 });
  await pair.apps.b.query(
    "SET session_replication_role = replica; UPDATE public.t SET v = 'wrong' WHERE k::text LIKE '%77%'",
  );
  const { rowCount } = await pair.apps.b.query("SELECT FROM public.t WHERE v = 'wrong'");
  const second = await pair.parts.a.verify({ database: "shop", isRepairing: true }, signal);
  expect(second).toMatchObject({ differences: rowCount });
  await pair.parts.a.synchronise(signal);
  await pair.expectSame(same, "t");
}

test.each([
  {
    when: "text of any case",
    extension: "citext",
    key: "k public.citext PRIMARY KEY",
    value: "CASE g % 2 WHEN 0 THEN 'ab' || g ELSE 'AB' || g END",
  },
  {
    when: "paths",
    extension: "ltree",
    key: "k public.ltree PRIMARY KEY",
    value: "('n' || g % 7 || '.n' || g)::public.ltree",
  },
  {
    when: "maps, whose operators have other names",
    extension: "hstore",
    key: "k public.hstore PRIMARY KEY",
    value: "public.hstore('n', g::text)",
  },
  {
    when: "numbers of books",
    extension: "isn",
    key: "k public.isbn13 PRIMARY KEY",
    value: "public.isbn13(public.make_valid(('978' || lpad(g::text, 9, '0') || '0!')::public.isbn13))",
  },
  {
    when: "a domain over text of any case",
    extension: "citext",
    prepare: "CREATE DOMAIN name AS public.citext",
    key: "k name PRIMARY KEY",
    value: "CASE g % 2 WHEN 0 THEN 'ab' || g ELSE 'AB' || g END",
  },
  {
    when: "several columns, one of them of the system's types",
    extension: "citext",
    key: "k public.citext, n int, PRIMARY KEY (n, k)",
    value: "CASE g % 2 WHEN 0 THEN 'ab' || g ELSE 'AB' || g END",
    number: "g % 3",
  },
  {
    when: "a unique index in another order than the type's own",
    extension: "citext",
    key: 'k public.citext COLLATE "und-x-icu" NOT NULL',
    index: "CREATE UNIQUE INDEX ON t(k public.citext_pattern_ops)",
    value: "CASE g % 2 WHEN 0 THEN '_' || g ELSE g::text END",
  },
  {
    when: "a unique index instead of a primary key",
    extension: "citext",
    key: "k public.citext NOT NULL, UNIQUE (k)",
    value: "CASE g % 2 WHEN 0 THEN 'ab' || g ELSE 'AB' || g END",
  },
])(
  "$when: rows are copied, changed, deleted and compared",
  async ({ extension, prepare = "", index = "", key, value, number }) => {
    await pair.both(`CREATE EXTENSION ${extension} SCHEMA public; ${prepare};
    CREATE TABLE t(${key}, v text); ${index}`);
    const columns = number === undefined ? "k" : "n, k";
    const values = number === undefined ? value : `${number}, ${value}`;
    await pair.apps.a.query(`INSERT INTO t(${columns}) SELECT ${values} FROM generate_series(1, 2000) g`);
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.expectSame(same, "t");
    // An application that does not look into the schema of the extension.
    await pair.apps.a.query("SET search_path = pg_catalog");
    await pair.apps.a.query("UPDATE public.t SET v = 'changed' WHERE length(k::text) % 2 = 0");
    await pair.apps.a.query("DELETE FROM public.t WHERE k::text LIKE '%3%'");
    await pair.apps.a.query("RESET search_path");
    await pair.apps.a.query("UPDATE t SET v = 'x', k = (SELECT k FROM t WHERE false) WHERE false");
    await pair.parts.a.synchronise(signal);
    await pair.expectSame(same, "t");
    const { rows } = await pair.apps.a.query<{ n: string }>("SELECT count(*) AS n FROM t");
    await expectVerified(Number(rows[0]?.n));
  },
  60_000,
);

test("of text of any case, a key that is written in another case and deleted with the same point is gone", async () => {
  await pair.both("CREATE EXTENSION citext; CREATE TABLE t(k citext PRIMARY KEY, v int)");
  await pair.apps.a.query("INSERT INTO t VALUES ('ABC', 1), ('Def', 2), ('ghi', 3)");
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  await pair.apps.a.query("UPDATE t SET k = 'abc' WHERE k = 'ABC'; DELETE FROM t WHERE k = 'abc'");
  await pair.apps.a.query("UPDATE t SET k = 'DEF' WHERE k = 'def'");
  await pair.parts.a.synchronise(signal);
  await pair.expectSame(same, "t");
  expect((await pair.apps.b.query("SELECT k::text FROM t ORDER BY k")).rows).toEqual([{ k: "DEF" }, { k: "ghi" }]);
});

test("a key is found in whatever case it is asked for, in the table and in the journal", async () => {
  await pair.both(
    "CREATE SCHEMA extra; CREATE EXTENSION citext SCHEMA extra; CREATE TABLE t(k extra.citext PRIMARY KEY)",
  );
  const engine = openEngine({
    settings: pair.settings.a,
    readSecret: () => Promise.resolve(""),
    newId: () => createSystemRandom().id(),
  });
  const { tables } = await engine.readCatalogue(signal);
  await engine.install(tables, signal);
  await pair.apps.a.query("INSERT INTO t VALUES ('ABC')");
  const found = await engine.describeKeys(tables[0]!, [["abc", "abd"]], signal);
  await engine.close();
  expect(found).toEqual([
    { row: { k: "ABC" }, isJournalled: true },
    { row: undefined, isJournalled: false },
  ]);
});

test("an index that takes other values for equal than the type does names no rows", async () => {
  await pair.both(
    "CREATE EXTENSION citext; CREATE TABLE t(k citext NOT NULL, v int); CREATE UNIQUE INDEX ON t(k text_ops)",
  );
  await pair.apps.a.query("INSERT INTO t VALUES ('ABC', 1), ('abc', 2)");
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  await pair.apps.a.query("UPDATE t SET v = v + 10");
  await pair.parts.a.synchronise(signal);
  await pair.expectSame(same, "t");
  expect((await pair.apps.b.query("SELECT count(*)::int AS n FROM t")).rows).toEqual([{ n: 2 }]);
});

test("a role without rights on our functions changes rows where no function is for everybody", async () => {
  await pair.apps.a.query("DROP OWNED BY clerk").catch(() => undefined);
  await pair.apps.a.query("CREATE ROLE clerk").catch(() => undefined);
  try {
    await pair.both("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC");
    await pair.both("CREATE TABLE t(id int PRIMARY KEY, v int)");
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.apps.a.query("GRANT USAGE ON SCHEMA public TO clerk; GRANT ALL ON t TO clerk; SET ROLE clerk");
    await pair.apps.a.query(
      "INSERT INTO t VALUES (1, 1); UPDATE t SET v = 2, id = 3; TRUNCATE t; INSERT INTO t VALUES (4, 4)",
    );
    await pair.apps.a.query("RESET ROLE");
    await pair.parts.a.synchronise(signal);
    await pair.expectSame(same, "t");
  } finally {
    await pair.apps.a.query("RESET ROLE");
    await pair.both("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC");
    await pair.apps.a.query("DROP OWNED BY clerk; DROP ROLE clerk");
  }
});

test("a table with such a key that an older version has copied is copied again, and no other", async () => {
  await pair.both("CREATE EXTENSION citext; CREATE TABLE t(k citext PRIMARY KEY); CREATE TABLE u(id int PRIMARY KEY)");
  await pair.apps.a.query("INSERT INTO t VALUES ('ABC'), ('def'); INSERT INTO u VALUES (1)");
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  for (const side of ["a", "b"] as const) {
    pair.kill(side);
    await pair.apps[side].query(`UPDATE sparesync.meta SET version = 5;
      UPDATE sparesync.tables SET key_shape = replace(key_shape, ',"OPERATOR(public.=)"', '')`);
  }
  await pair.apps.b.query("SET session_replication_role = replica; DELETE FROM t");
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  await pair.expectSame(same, "t", "u");
  expect(pair.logs.a.lines.filter(({ event }) => event === "database-tables-copied-again")).toMatchObject([
    { fields: { tables: ["public.t"] } },
  ]);
});
