import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describeDatabaseSync } from "../../contract/database-sync.contract.js";
import { describeDatabaseConformance } from "../../contract/conformance/database-conformance.contract.js";
import { describeEngine } from "../../contract/engine.contract.js";
import type { DatabaseFixture } from "../../support/database-fixture.js";
import { until } from "../../support/until.js";
import { startPgliteFixture } from "../../support/pglite-server.js";
import { startPgliteConformance } from "../../support/postgresql-conformance.js";
import { connectRaw } from "../../support/raw-postgresql-client.js";

describe("on PGlite", () => {
  let fixture: DatabaseFixture;

  // Two processes serve both suites: creating a cluster is by far the slowest part of PGlite.
  const shared = (): Promise<DatabaseFixture> => Promise.resolve({ ...fixture, close: () => Promise.resolve() });

  beforeAll(async () => {
    fixture = await startPgliteFixture();
  }, 180_000);

  afterAll(async () => {
    await fixture.close();
  });

  test("the server keeps the queries of its clients apart, though they share one unnamed statement", async () => {
    const { port } = fixture.settings[0].address;
    const [slow, quick] = await Promise.all([connectRaw(port), connectRaw(port)]);
    slow.parse("SELECT 'of the slow one'");
    await until(() => slow.received().endsWith("1\0\0\0\u0004"));
    quick.parse("SELECT 'of the quick one'");
    quick.runParsed();
    slow.runParsed();
    await until(() => slow.received().includes("of the") && quick.received().includes("of the"));
    expect(slow.received()).toContain("of the slow one");
    expect(quick.received()).toContain("of the quick one");
    slow.close();
    quick.close();
  });

  describe("the engine", () => {
    describeEngine(shared);
  });

  describe("the cases of conformance", () => {
    describeDatabaseConformance(async () => startPgliteConformance(await shared()));
  });

  describe("database synchronisation", () => {
    describeDatabaseSync(shared);
  });
});
