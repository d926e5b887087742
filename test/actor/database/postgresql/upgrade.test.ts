import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { DatabaseEngine } from "../../../../actor/database/engine.js";
import { installScripts, planScripts } from "../../../../actor/database/install-scripts.js";
import { openEngine } from "../../../../actor/database/open-engine.js";
import { connectApplication, testSettings } from "../../../support/database-fixture.js";
import { startPgliteServer, type PgliteServer } from "../../../support/pglite-server.js";
import { postgresqlScripts } from "../../../support/scripts-dialect.js";

const { signal } = new AbortController();
let server: PgliteServer;
let engine: DatabaseEngine;
let app: Awaited<ReturnType<typeof connectApplication>>;

beforeAll(async () => {
  server = await startPgliteServer();
  const settings = testSettings("pglite", server.port, "postgres");
  engine = openEngine({ settings, readSecret: () => Promise.resolve(""), newId: () => "an-id" });
  app = await connectApplication(settings);
}, 120_000);
afterAll(async () => {
  await Promise.all([engine.close(), app.end()]);
  await server.stop();
});

/** Statements that are shown, each transaction by itself. */
function transactionsOf(statements: readonly string[]): readonly string[] {
  return statements.join(";\n").split(/(?<=^COMMIT);$/m);
}

test("over the version before, no step refuses a write to a table whose key has changed, which is journalled anew", async () => {
  await app.query("CREATE TABLE t(id int PRIMARY KEY, v text NOT NULL); CREATE TABLE u(id int PRIMARY KEY)");
  await installScripts(engine, signal);
  await app.query(postgresqlScripts.toVersionBefore);
  await app.query("ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (v)");
  const { statements } = await planScripts(engine, signal, "shop");
  const steps = transactionsOf(statements);
  expect(steps.length).toBeGreaterThan(3);
  for (const [at, step] of steps.entries()) {
    await app.query(step);
    await app.query(`INSERT INTO t VALUES (${at}, 'after step ${at}')`);
    await app.query(`INSERT INTO u VALUES (${at})`);
  }
  expect((await planScripts(engine, signal, "shop")).statements).toEqual([]);
  const { rows } = await app.query<{ n: number }>("SELECT n FROM sparesync.tables WHERE table_name = 't'");
  await app.query("INSERT INTO t VALUES (99, 'the last')");
  const last = await app.query(`SELECT k1::text FROM sparesync.j_${rows[0]?.n} ORDER BY k1 DESC LIMIT 1`);
  expect(last.rows).toEqual([{ k1: "the last" }]);
});
