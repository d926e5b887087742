import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describeDatabaseSync } from "../../contract/database-sync.contract.js";
import { describeEngine } from "../../contract/engine.contract.js";
import { connectApplication, type DatabaseFixture } from "../../support/database-fixture.js";
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

  test("the server keeps the queries of its clients apart, though they share one unnamed statement", async () => {
    const [settings] = fixture.settings;
    const clients = await Promise.all([connectApplication(settings), connectApplication(settings)]);
    const wrong: string[] = [];
    await Promise.all(
      clients.map(async (client, mine) => {
        for (let n = 0; n < 100; n += 1) {
          const text = mine === 0 ? "SELECT $1::text AS v" : "SELECT $1::int + 0 AS v";
          const { rows } = await client.query<{ v: string | number }>(text, [n]);
          if (String(rows[0]?.v) !== String(n)) wrong.push(`${String(mine)}: ${String(n)}`);
        }
      }),
    );
    expect(wrong).toEqual([]);
    await Promise.all(clients.map((client) => client.end()));
  });

  describe("the engine", () => {
    describeEngine(shared);
  });

  describe("database synchronisation", () => {
    describeDatabaseSync(shared);
  });
});
