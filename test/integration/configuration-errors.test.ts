import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { createNameServerPort } from "../../actor/dns/update-client.js";
import type { StartedProcess } from "../../demo/processes.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { readSettings } from "../../shared/settings-file.js";
import { serverNames } from "../../shared/core/server-name.js";
import { rememberLog } from "../support/log-memory.js";
import { type PostgresqlServer, startPostgresqlServer } from "../support/postgresql-server.js";
import { ProcessPair } from "../support/process-pair.js";

const testLimitMs = 240_000;

let postgresql: PostgresqlServer;
let pair: ProcessPair;
let secondary: StartedProcess;
beforeAll(async () => {
  postgresql = await startPostgresqlServer();
}, 120_000);
afterEach(async () => {
  await pair.end();
}, 120_000);
afterAll(async () => {
  await postgresql.stop();
});

async function bringUp(): Promise<void> {
  const settings = { failover: { allowedUnavailabilitySeconds: 300 } };
  pair = await ProcessPair.set({ postgresql, nameServer: "embedded", settings });
  const started = await Promise.all(serverNames.map((server) => pair.stage.startActor(server)));
  secondary = started[1] as StartedProcess;
  await pair.begin();
}

/** The secondary starts again as if it ran on a machine with this environment. */
async function restartSecondary(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  await secondary.end();
  secondary = await pair.stage.startActor("secondary", environment);
}

async function untilBothSay(reason: string, because: RegExp): Promise<void> {
  await pair.untilTrue(`${reason} on both servers`, async () => {
    const seen = await Promise.all(serverNames.map((server) => pair.stage.status(server)));
    return seen.every(
      (status) =>
        status?.state === "configuration_error" &&
        status.configurationErrors.some((error) => error.reason === reason && because.test(error.because)),
    );
  });
}

async function untilBothWork(): Promise<void> {
  await pair.stage.sparesync(
    ["mark-checked", "--settings", pair.stage.pair.settingsFiles.primary],
    pair.stage.operator,
  );
  await pair.untilTrue("both work again", async () => {
    const seen = await Promise.all(serverNames.map((server) => pair.stage.status(server)));
    return seen.every((status) => status?.state === "working" && status.sync.every(({ isComplete }) => isComplete));
  });
}

test(
  "clocks that are apart and time zones that differ stop synchronisation on both servers until a person has looked",
  async () => {
    await bringUp();
    const preload = join(import.meta.dirname, "../support/shifted-clock-preload.js");
    await restartSecondary({ SHIFT_SECONDS: "45", NODE_OPTIONS: `--import ${preload}` });
    await untilBothSay("clocks-apart", /4[45]\.\d s (ahead of|behind) this server's, allowed are 30 s/);
    await restartSecondary();
    await pair.untilTrue(
      "they are connected",
      async () => (await pair.stage.status("primary"))?.peer.isConnected === true,
    );
    expect((await pair.stage.status("primary"))?.state).toBe("configuration_error");
    await untilBothWork();

    await restartSecondary({ TZ: "America/New_York" });
    await untilBothSay("time-zones-differ", /America\/New_York/);
    await restartSecondary();
    await untilBothWork();
    await pair.untilWrites("primary");
    expect((await pair.finish()).different).toEqual([]);
  },
  testLimitMs,
);

test(
  "a name that points to neither server, and a database that cannot be applied, are named on both servers",
  async () => {
    await bringUp();
    await publishAt(["127.0.0.99"]);
    await untilBothSay("name-points-to-neither", /points to 127\.0\.0\.99, dns\.addresses has/);
    await publishAt([pair.stage.layout.servers.primary.host]);
    await pair.untilTrue("both see it", async () => {
      const seen = await Promise.all(serverNames.map((server) => pair.stage.status(server)));
      return seen.every((status) => status?.nameServer.publishedAddresses.includes("127.0.0.99") === false);
    });
    await untilBothWork();

    const database = new pg.Client(pair.stage.layout.servers.secondary.application.database);
    await database.connect();
    await database.query("drop table orders cascade");
    await database.end();
    await untilBothSay("fatal-database-error", /^shop: .*public\.orders.* (is gone|does not exist)/);
    expect(await pair.stage.isServing("primary")).toBe(true);
  },
  testLimitMs,
);

/** Somebody else who has the key changes the addresses of the name: an administrator by hand. */
async function publishAt(addresses: readonly string[]): Promise<void> {
  const { stage } = pair;
  const { settings } = await readSettings(stage.pair.settingsFiles.primary);
  const clock = createSystemClock();
  const nameServer = createNameServerPort({
    settings: { ...settings.dns, addresses: { ...settings.dns.addresses, primary: [...addresses] } },
    tsigSecret: Buffer.from(readFileSync(stage.pair.tsigSecretFile, "utf8").trim(), "base64"),
    clock,
    log: rememberLog(),
  });
  const { signal } = new AbortController();
  const record = await nameServer.readRecord(signal);
  if (record === undefined) throw new Error("there is no record");
  expect(await nameServer.publish(record, signal)).toMatchObject({ kind: "done" });
  nameServer.close();
}
