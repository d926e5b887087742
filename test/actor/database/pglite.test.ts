import { afterAll, beforeAll, describe } from "@jest/globals";
import { describeDatabaseSync } from "../../contract/database-sync.contract.js";
import { describeEngine } from "../../contract/engine.contract.js";
import type { DatabaseFixture } from "../../support/database-fixture.js";
import { startPgliteFixture } from "../../support/pglite-server.js";

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

  describe("the engine", () => {
    describeEngine(shared);
  });

  describe("database synchronisation", () => {
    describeDatabaseSync(shared);
  });
});
