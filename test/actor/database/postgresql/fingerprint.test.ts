import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { DatabaseEngine } from "../../../../actor/database/engine.js";
import { installScripts } from "../../../../actor/database/install-scripts.js";
import { openEngine } from "../../../../actor/database/open-engine.js";
import { connectApplication, testSettings } from "../../../support/database-fixture.js";
import { startPgliteServer, type PgliteServer } from "../../../support/pglite-server.js";

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

test("a generated column that gets another expression where it stands is a change of the schema", async () => {
  await app.query("CREATE TABLE t(id int PRIMARY KEY, v int GENERATED ALWAYS AS (id * 2) VIRTUAL)");
  await installScripts(engine, signal);
  const before = await engine.readFingerprint(signal);
  expect(await engine.readFingerprint(signal)).toBe(before);
  await app.query("ALTER TABLE t ALTER COLUMN v SET EXPRESSION AS (id * 3)");
  const { tables } = await engine.readCatalogue(signal);
  expect(tables[0]?.rules).toEqual([{ name: expect.stringMatching(/^v, as PostgreSQL 1/), says: "(id * 3)" }]);
  expect(await engine.readFingerprint(signal)).not.toBe(before);
}, 60_000);
