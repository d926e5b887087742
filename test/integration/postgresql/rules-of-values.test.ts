import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { installScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import type { DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

/** What each side computes or allows for itself, under the same names. */

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
}, 60_000);
afterEach(async () => {
  await pair.close();
});

test.each([
  {
    when: "a domain's rule of the same name",
    make: (most: number) => `CREATE DOMAIN small AS int CONSTRAINT small CHECK (VALUE < ${most});
      CREATE TABLE t(id int PRIMARY KEY, v small)`,
    change: (most: number) =>
      `ALTER DOMAIN small DROP CONSTRAINT small; ALTER DOMAIN small ADD CONSTRAINT small CHECK (VALUE < ${most})`,
    named: /small of public\.small.*CHECK \(\(VALUE < 30\)\)/,
  },
  {
    when: "the expression of a generated column",
    make: (most: number) =>
      `CREATE TABLE t(id int PRIMARY KEY, v int GENERATED ALWAYS AS (id + ${most}) STORED, w int)`,
    change: (most: number) =>
      `ALTER TABLE t DROP COLUMN v; ALTER TABLE t ADD COLUMN v int GENERATED ALWAYS AS (id + ${most}) STORED`,
    named: /v, as PostgreSQL.*\(id \+ 30\)/,
  },
])(
  "$when that says another thing is a difference, from the start and later",
  async ({ make, change, named }) => {
    await pair.apps.a.query(make(10));
    await pair.apps.b.query(make(30));
    await pair.startRoles();
    const different = { code: "DATABASE_SCHEMA_CHANGED", message: expect.stringMatching(named) };
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject(different);
    await pair.apps.a.query(change(30));
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject(different);
    const engine = openEngine({
      settings: pair.settings.a,
      readSecret: (file) => readFile(file, "utf8"),
      newId: () => "an-id",
    });
    await installScripts(engine, signal).finally(() => engine.close());
    await pair.apps.a.query("INSERT INTO t VALUES (1)");
    await pair.parts.a.synchronise(signal);
    expect((await pair.apps.b.query("SELECT id FROM t")).rows).toEqual([{ id: 1 }]);
    await pair.apps.a.query(change(20));
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({
      code: "DATABASE_SCHEMA_CHANGED",
      message: expect.stringMatching(/VALUE < 20|id \+ 20/),
    });
  },
  60_000,
);

test("a schema that was written down by one server and read by the other is the same one", async () => {
  await pair.apps.a.query(`CREATE DOMAIN kind AS varchar(9) CONSTRAINT few CHECK (VALUE IN ('a', 'b'));
    CREATE TABLE t(id int PRIMARY KEY, k kind, s varchar(9) CONSTRAINT few CHECK (s NOT IN ('x', 'y')),
      g int GENERATED ALWAYS AS (CASE WHEN s IN ('a', 'b') THEN 1 ELSE 0 END) STORED);
    CREATE UNIQUE INDEX listed ON t(s) WHERE s IN ('a', 'b')`);
  const said = async (what: string): Promise<string> => {
    await pair.apps.a.query("SET search_path = pg_catalog");
    const { rows } = await pair.apps.a.query<{ says: string }>(`SELECT ${what} AS says`).finally(async () => {
      await pair.apps.a.query("RESET search_path");
    });
    return rows[0]?.says ?? "";
  };
  const rule = (of: string): string =>
    `(SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'few' AND ${of})`;
  const domain = await said(rule("contypid <> 0"));
  const check = await said(rule("conrelid <> 0"));
  const column = await said(
    "(SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'public.t'::regclass)",
  );
  const index = await said("pg_get_indexdef('public.listed'::regclass)");
  await pair.apps.b.query(`CREATE DOMAIN kind AS varchar(9) CONSTRAINT few ${domain};
    CREATE TABLE t(id int PRIMARY KEY, k kind, s varchar(9) CONSTRAINT few ${check},
      g int GENERATED ALWAYS AS (${column}) STORED);
    ${index}`);
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  expect(pair.parts.a.status()).toMatchObject([{ health: "ok", because: "" }]);
}, 60_000);
