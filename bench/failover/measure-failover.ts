import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "../../demo/client.js";
import { applicationName } from "../../demo/layout.js";
import { startMonitoring } from "../../demo/monitoring.js";
import { NameResolution } from "../../demo/name-resolution.js";
import { until } from "../../demo/processes.js";
import type { AskedBy } from "../../demo/server-settings.js";
import { Stage } from "../../demo/stage.js";
import { serverNames } from "../../shared/core/server-name.js";
import type { OperationView } from "../../shared/core/status.js";
import { isWholeCopy } from "../../test/support/process-pair.js";
import type { Sample } from "../bench.js";

const limitMs = 120_000;
const writeMs = 3_000;
const pollMs = 20;
/** `failover.allowedUnavailabilitySeconds` of the pair: so long nobody may do anything. */
const allowedSeconds = 3;

/** One pair from nothing, and the loss of its primary: how long until the name server answers with the other address. */
export async function measureFailover(askedBy: AskedBy): Promise<Sample> {
  const stage = await Stage.set(undefined);
  try {
    await prepare(stage, askedBy);
    const { nameServer, applicationPort: port, acknowledgementLog: logFile, servers } = stage.layout;
    const name = new NameResolution(applicationName, nameServer);
    const client = new Client({ name, port, logFile, rowPauseMs: 50, filePauseMs: 200 });
    client.start();
    await sleep(writeMs);
    const lostAtMs = Date.now();
    await stage.loseServer("primary");
    let answeredAtMs = 0;
    await until(
      "the name server answers with the secondary",
      async () => {
        await sleep(pollMs);
        // A new one each time: it would keep the old answer for its time to live.
        const addresses = await new NameResolution(applicationName, nameServer).addresses().catch(() => []);
        answeredAtMs = Date.now();
        return addresses.join() === servers.secondary.host;
      },
      limitMs,
    );
    await client.stop();
    const status = await stage.status("secondary");
    const operation = status?.operation ?? status?.lastOperations[0];
    if (operation?.kind !== "failover") throw new Error("the secondary shows no failover");
    return partsOf(operation, lostAtMs, answeredAtMs);
  } finally {
    await stage.end();
  }
}

async function prepare(stage: Stage, askedBy: AskedBy): Promise<void> {
  await stage.createPair(askedBy);
  await Promise.all([stage.startNameServer(), stage.installDatabases()]);
  await Promise.all(serverNames.map((server) => stage.startDatabase(server)));
  for (const server of serverNames) stage.startGuard(server);
  await Promise.all(serverNames.map((server) => stage.startActor(server)));
  await stage.createFirstRecord("primary");
  await Promise.all(serverNames.map((server) => stage.startExporter(server)));
  await startMonitoring(stage, askedBy);
  await until("the primary serves", () => stage.isServing("primary"), limitMs);
  await until("the copy is whole", async () => isWholeCopy(await stage.status("secondary")), limitMs);
}

/** Where the time went, in seconds. `ownSeconds` is the product's: all but what is set, and the application's own start. */
function partsOf(operation: OperationView, lostAtMs: number, answeredAtMs: number): Sample {
  const secondsOf = (...names: readonly string[]): number =>
    operation.steps
      .filter((step) => names.includes(step.name) && step.endedAtMs > 0)
      .reduce((sum, step) => sum + (step.endedAtMs - step.startedAtMs) / 1000, 0);
  const startedAtOf = (name: string): number => operation.steps.find((step) => step.name === name)?.startedAtMs ?? 0;
  const totalSeconds = (answeredAtMs - lostAtMs) / 1000;
  const detectSeconds = (operation.startedAtMs - lostAtMs) / 1000;
  const waitSeconds = secondsOf("await-peer-stopped");
  const startSeconds = secondsOf("start-managed-system", "check-test-page");
  return {
    totalSeconds,
    detectSeconds,
    decideSeconds: (startedAtOf("claim-ownership") - operation.startedAtMs) / 1000,
    claimSeconds: secondsOf("claim-ownership"),
    waitSeconds,
    promoteSeconds: secondsOf("raise-data-epoch", "promote-target"),
    startSeconds,
    publishSeconds: (answeredAtMs - startedAtOf("publish-addresses")) / 1000,
    ownSeconds: totalSeconds - allowedSeconds - waitSeconds - startSeconds,
  };
}
