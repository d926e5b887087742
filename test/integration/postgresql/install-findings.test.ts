import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { planScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import { connectApplication, emptyDatabase, testSettings } from "../../support/database-fixture.js";
import { startPostgresqlServer, type PostgresqlServer } from "../../support/postgresql-server.js";

const { signal } = new AbortController();
let server: PostgresqlServer;

beforeAll(async () => {
  server = await startPostgresqlServer();
  await server.createDatabase("shop");
  await server.createDatabase("bytes ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
}, 120_000);
afterAll(async () => {
  await server.stop();
});

/** What an administrator is told before an installation. */
async function findingsIn(database: string, ddl: string): Promise<readonly string[]> {
  const settings = testSettings("postgresql", server.port, database, { excludedTables: ["public.excluded"] });
  const app = await connectApplication(settings);
  await emptyDatabase(app);
  await app.query(`CREATE TABLE excluded(id int PRIMARY KEY); CREATE TABLE t(id int PRIMARY KEY); ${ddl}`);
  await app.end();
  const engine = openEngine({ settings, readSecret: () => Promise.resolve(""), newId: () => "an-id" });
  await engine.probe(signal);
  const { findings } = await planScripts(engine, signal, "shop");
  await engine.close();
  expect(findings.filter(({ hint }) => hint === "")).toEqual([]);
  return findings.map(({ severity, message }) => `${severity}: ${message}`);
}

const trigger = (table: string, how: string): string => `
  CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$;
  CREATE TRIGGER g BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE ${table} ENABLE ${how} TRIGGER g`;

test.each([
  { when: "nothing is odd", ddl: trigger("t", ""), named: [] },
  {
    when: "a trigger that acts always",
    ddl: trigger("t", "ALWAYS"),
    named: [/public\.t has a trigger that acts ALWAYS/],
  },
  { when: "a trigger that acts on what is applied", ddl: trigger("t", "REPLICA"), named: [/public\.t .*REPLICA/] },
  { when: "such a trigger of an excluded table", ddl: trigger("excluded", "ALWAYS"), named: [] },
  {
    when: "a subscription",
    ddl: "CREATE TABLE filled(id int PRIMARY KEY); INSERT INTO pg_subscription_rel VALUES (1, 'filled'::regclass, 'r', NULL)",
    named: [/public\.filled is filled by a subscription/],
  },
  {
    when: "a table of an extension",
    ddl: "CREATE TABLE e(id int PRIMARY KEY); CREATE EXTENSION ltree; ALTER EXTENSION ltree ADD TABLE e",
    named: [/public\.e belongs to an extension/],
  },
  {
    when: "tables in another schema",
    ddl: "DROP SCHEMA IF EXISTS other CASCADE; CREATE SCHEMA other; CREATE TABLE other.t(id int)",
    named: [/schema other/],
  },
])("$when is named at install", async ({ ddl, named }) => {
  await connectApplication(testSettings("postgresql", server.port, "shop")).then(async (app) => {
    await app.query(
      "SET allow_system_table_mods = on; DELETE FROM pg_subscription_rel; DROP SCHEMA IF EXISTS other CASCADE",
    );
    await app.end();
  });
  const findings = await findingsIn("shop", `SET allow_system_table_mods = on; ${ddl}`);
  expect(findings).toEqual(named.map((text) => expect.stringMatching(text) as unknown));
  expect(findings.filter((each) => !each.startsWith("warning"))).toEqual([]);
});

test("an encoding that takes any bytes is named at install", async () => {
  expect(await findingsIn("bytes", "")).toEqual([expect.stringContaining("SQL_ASCII")]);
});
