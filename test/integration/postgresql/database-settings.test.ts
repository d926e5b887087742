import { describe, expect, test } from "@jest/globals";
import { describeDatabaseSettings } from "../../contract/database-settings.contract.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startRelay } from "../../support/delaying-relay.js";
import { freePort } from "../../support/free-port.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

describe("the settings of a database on PostgreSQL", () => {
  describeDatabaseSettings(startPostgresqlFixture);
});

test.each([
  { connectionErrorsAreFatal: false, health: "warning" },
  { connectionErrorsAreFatal: true, health: "fatal" },
])(
  "connectionErrorsAreFatal $connectionErrorsAreFatal: a server that is away is $health, and all is well when it is back",
  async (setting) => {
    const { health, ...changes } = setting;
    const fixture = await startPostgresqlFixture();
    const pair = await DatabasePair.open(fixture, changes);
    const { address } = pair.settings.a;
    const way = { host: "127.0.0.1", port: await freePort(), toHost: address.host, toPort: address.port };
    let relay = await startRelay(way);
    try {
      pair.settings.a = { ...pair.settings.a, address: { host: way.host, port: way.port } };
      pair.kill("a");
      await pair.both("CREATE TABLE t(id int PRIMARY KEY)");
      await pair.parts.b.setRole({ role: "target", epoch: 1 });
      await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
      await until(() => pair.parts.a.status()[0]?.isComplete === true);
      expect(pair.parts.a.status()[0]?.health).toBe("ok");
      await relay.stop();
      await until(() => pair.parts.a.status()[0]?.health === health);
      // Nothing else comes of it, however often it is tried.
      await pair.apps.a.query("INSERT INTO t VALUES (1)");
      await new Promise((resolve) => setTimeout(resolve, 2500));
      expect(pair.parts.a.status()[0]).toMatchObject({ health, isComplete: true });
      expect(pair.parts.a.takeTurnOff?.()).toBeUndefined();
      relay = await startRelay(way);
      await until(() => pair.parts.a.status()[0]?.health === "ok", 60_000);
      await until(async () => (await pair.apps.b.query("SELECT 1 FROM t")).rows.length === 1, 30_000);
      expect(pair.links.a.count("database/copy-begin")).toBe(1);
    } finally {
      await relay.stop().catch(() => undefined);
      await pair.close();
      await fixture.close();
    }
  },
  120_000,
);
