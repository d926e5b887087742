import { readFile } from "node:fs/promises";
import { AppError, errorMessage } from "../shared/core/app-error.js";
import type { ClockPort } from "../shared/core/clock-port.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import type { Settings } from "../shared/core/settings/settings.js";
import { createJsonLogger } from "../shared/json-logger.js";
import { readSecretFile } from "../shared/secret-file.js";
import { readSettings } from "../shared/settings-file.js";
import { hashPairSettings } from "../shared/settings-hash.js";
import { createSystemClock } from "../shared/system-clock.js";
import { createSystemRandom } from "../shared/system-random.js";
import { readVersion } from "../shared/version.js";
import type { Actor } from "./actor-api.js";
import { createActor } from "./actor.js";
import { createDatabaseSync } from "./database/create-database-sync.js";
import { createDatabaseTasks } from "./database/run-tasks.js";
import { createNameServerPort } from "./dns/update-client.js";
import { DivergenceStore } from "./divergence/divergence-store.js";
import { createEventLog } from "./event-log.js";
import { createFactsDisk } from "./facts-disk.js";
import { createFileSync, type FileSync } from "./files/file-sync.js";
import { createDecisionLog } from "./decision-log.js";
import { createGuardFiles } from "./guard/guard-files.js";
import { createDrillApplication } from "./drill/drill-application.js";
import { createDrillFile } from "./drill/drill-file.js";
import type { DrillApplication } from "./drill/drill-port.js";
import { createHooks } from "./hooks/run-hook.js";
import { startListeners, type Listeners } from "./listeners.js";
import { createLinkClient } from "./link/link-client.js";
import type { LinkRefusal } from "./core/link-refusal.js";
import { createManagedSystem } from "./managed-system/managed-system.js";
import { createMessagePorts } from "./notify/create-message-ports.js";
import type { ActorPorts } from "./ports.js";
import { prepareState, requireUsableFiles } from "./start-conditions.js";
import { openStatusSocket } from "./status-socket.js";
import { scheduleAnalyses } from "./schedule-analyses.js";
import { scheduleDrill } from "./schedule-drill.js";
import { schedulePurge } from "./schedule-purge.js";
import { createExternalResources } from "./watch/external-resources.js";
import { createVantages } from "./watch/vantages.js";
import { openWitness } from "./witness/open-witness.js";

/** Runs the actor of the settings file until SIGTERM or SIGINT; rejects when it cannot start. */
export async function runActor(settingsFile: string): Promise<void> {
  const loaded = await readSettings(settingsFile);
  const { settings } = loaded;
  const clock = createSystemClock();
  const log = createJsonLogger({
    stream: process.stderr,
    wallMs: () => clock.wallMs(),
    fields: { program: "actor", pair: settings.pair, server: settings.server },
  });
  await requireUsableFiles(loaded, clock.wallMs(), log);
  await prepareState(loaded);
  const running: { actor?: Actor; listeners?: Listeners } = {};
  // First of all the lock against a second actor on the same state directory.
  const socket = await openStatusSocket({
    stateDirectory: settings.stateDirectory,
    status: () => {
      if (!running.actor) throw new AppError("ACTOR_UNREACHABLE", "the actor is starting");
      return running.actor.status();
    },
    listeners: () => running.listeners?.listening() ?? {},
    log,
    clock,
  });
  try {
    await serve(settings, clock, log, running);
  } finally {
    await socket.close();
  }
}

async function serve(
  settings: Settings,
  clock: ClockPort,
  log: LoggerPort,
  running: { actor?: Actor; listeners?: Listeners },
): Promise<void> {
  const secrets = await readSecrets(settings);
  const random = createSystemRandom();
  const identity = { pair: settings.pair, server: settings.server, instance: random.id() };
  // Refusals can come before there is an actor to count them.
  const onRefused = (reason: LinkRefusal): void => running.actor?.count(`link_refused.${reason}`);
  const { pairKey, tls } = secrets;
  const peer = settings.link.peer;
  const link = createLinkClient({ peer, tls, pairKey, identity, log, clock, random, onRefused });
  const nameServer = createNameServerPort({ settings: settings.dns, tsigSecret: secrets.tsigSecret, clock, log });
  const shared = { stateDirectory: settings.stateDirectory, link, clock, log, random };
  const files = createFileSync({ ...shared, folders: settings.folders, transfer: settings.fileTransfer });
  const database = createDatabaseSync({ ...shared, databases: settings.databases, readSecret: readSecretFile });
  const actor = await createActor(
    await createPorts(
      settings,
      { clock, log, random, link, nameServer, parts: [files, database] },
      () => running.listeners?.listening() ?? {},
    ),
    settings,
  );
  running.actor = actor;
  const databases = createDatabaseTasks({
    databases: settings.databases,
    sync: database,
    clock,
    log,
    recordAct: (act) => void actor.recordAct(act),
  });
  running.listeners = await startListeners({
    settings,
    actor,
    databases,
    link: { tls, pairKey, identity, onRefused, random },
    clock,
    log,
  });
  const purge = schedulePurge(files, log);
  const analyses = scheduleAnalyses({ ...settings, ...settings.fileTransfer }, files, log);
  const drills = scheduleDrill(settings.drill.schedule, actor, log);
  await actor.start();
  try {
    await stopAsked(log, running.listeners, actor, files);
  } finally {
    await databases.close();
    purge.cancel();
    analyses.cancel();
    drills.cancel();
    link.close();
    nameServer.close();
  }
}

async function stopAsked(log: LoggerPort, listeners: Listeners, actor: Actor, files: FileSync): Promise<void> {
  const signal = await new Promise<string>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  await actor.stop(signal).catch((error: unknown) => {
    log.warn("stop-incomplete", { because: errorMessage(error) });
  });
  await listeners.stop();
  log.info("actor-stopped", { signal, folders: files.status().length });
}

interface Secrets {
  readonly pairKey: Buffer;
  readonly tsigSecret: Buffer;
  readonly tls:
    { readonly certificate: string; readonly privateKey: string; readonly peerCertificate: string } | undefined;
}

async function readSecrets(settings: Settings): Promise<Secrets> {
  const { link, dns } = settings;
  const tls =
    link.transport === "https"
      ? {
          certificate: await readFile(link.certificateFile, "utf8"),
          privateKey: await readSecretFile(link.privateKeyFile),
          peerCertificate: await readFile(link.peerCertificateFile, "utf8"),
        }
      : undefined;
  return {
    pairKey: Buffer.from(await readSecretFile(link.pairKeyFile), "hex"),
    tsigSecret: Buffer.from(await readSecretFile(dns.tsig.secretFile), "base64"),
    tls,
  };
}

type Given = Pick<ActorPorts, "clock" | "log" | "random" | "link" | "nameServer" | "parts">;

async function createPorts(settings: Settings, given: Given, listening: Listeners["listening"]): Promise<ActorPorts> {
  const { clock, log } = given;
  const externalResources = createExternalResources({ settings: settings.externalResources, clock, log });
  return {
    ...given,
    disk: createFactsDisk(settings.stateDirectory),
    managedSystem: createManagedSystem({
      settings: settings.managedSystem,
      name: settings.dns.name,
      server: settings.server,
      stopSeconds: settings.ownership.stopSeconds,
      clock,
      log,
    }),
    guardFiles: createGuardFiles(settings.stateDirectory),
    hooks: createHooks(clock),
    drill: { ...createDrillFile(settings.stateDirectory), application: drillApplicationOf(settings, clock) },
    decisions: createDecisionLog(settings.stateDirectory),
    messages: createMessagePorts({ settings, clock, log, listening }),
    witness: await openWitness(settings, clock),
    vantages: createVantages({ settings: settings.failover.vantages, clock, readSecret: readSecretFile }),
    divergence: new DivergenceStore(settings.stateDirectory, settings.server),
    history: createEventLog(settings.stateDirectory, settings.history, log),
    areExternalResourcesAvailable: async (signal) => (await externalResources.probe(signal)).available,
    build: {
      version: await readVersion(),
      settingsHash: hashPairSettings(settings),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
  };
}

function drillApplicationOf({ drill, managedSystem, dns }: Settings, clock: ClockPort): DrillApplication | undefined {
  if (drill.application === undefined) return undefined;
  return createDrillApplication({
    settings: drill.application,
    testPage: managedSystem.testPage,
    name: dns.name,
    clock,
  });
}
