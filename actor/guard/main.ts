import { mkdir } from "node:fs/promises";
import { createJsonLogger } from "../../shared/json-logger.js";
import { readSecretFile } from "../../shared/secret-file.js";
import { readSettings } from "../../shared/settings-file.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { createSystemRandom } from "../../shared/system-random.js";
import { createNameServerPort } from "../dns/update-client.js";
import { createManagedSystem } from "../managed-system/managed-system.js";
import { createExternalResources } from "../watch/external-resources.js";
import { runGuard } from "./guard.js";
import { createGuardFiles } from "./guard-files.js";

/** Runs the guard of the settings file until SIGTERM or SIGINT; rejects when it cannot start. */
export async function runGuardProcess(settingsFile: string): Promise<void> {
  const { settings } = await readSettings(settingsFile);
  const clock = createSystemClock();
  const log = createJsonLogger({
    stream: process.stderr,
    wallMs: () => clock.wallMs(),
    fields: { program: "guard", pair: settings.pair, server: settings.server },
  });
  await mkdir(settings.stateDirectory, { recursive: true, mode: 0o700 });
  const tsigSecret = Buffer.from(await readSecretFile(settings.dns.tsig.secretFile), "base64");
  const nameServer = createNameServerPort({ settings: settings.dns, tsigSecret, clock, log });
  const externalResources = createExternalResources({ settings: settings.externalResources, clock, log });
  const managedSystem = createManagedSystem({
    settings: settings.managedSystem,
    name: settings.dns.name,
    server: settings.server,
    stopSeconds: settings.ownership.stopSeconds,
    clock,
    log,
  });
  const stopping = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      log.info("guard-stopping", { signal });
      stopping.abort();
    });
  }
  log.info("guard-started", {});
  const ports = {
    clock,
    log,
    random: createSystemRandom(),
    files: createGuardFiles(settings.stateDirectory),
    nameServer,
    managedSystem,
    areExternalResourcesAvailable: async (signal: AbortSignal) => (await externalResources.probe(signal)).available,
  };
  try {
    await runGuard(ports, settings, stopping.signal);
  } finally {
    nameServer.close();
  }
}
