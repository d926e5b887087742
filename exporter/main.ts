import type { Settings } from "../shared/core/settings/settings.js";
import { createJsonLogger } from "../shared/json-logger.js";
import { readSettings } from "../shared/settings-file.js";
import { readActorStatus } from "../shared/status-client.js";
import { createSystemClock } from "../shared/system-clock.js";
import { readVersion } from "../shared/version.js";
import { createExporter } from "./exporter.js";
import type { ExporterPorts } from "./ports.js";
import { watchProcess } from "./process-metrics.js";
import { openWebConfig, readWebConfig, type WebConfig } from "./web-config.js";

/** Runs the exporter of the settings file until SIGTERM or SIGINT; rejects when it cannot start. */
export async function runExporter(settingsFile: string): Promise<void> {
  const { settings } = await readSettings(settingsFile);
  const clock = createSystemClock();
  const log = createJsonLogger({
    stream: process.stderr,
    wallMs: () => clock.wallMs(),
    fields: { program: "exporter", pair: settings.pair, server: settings.server },
  });
  const webConfig = await readWebConfigOf(settings);
  const ports: ExporterPorts = {
    settings,
    version: await readVersion(),
    clock,
    log,
    readStatus: (limitSeconds) => readActorStatus(settings.stateDirectory, limitSeconds),
    readProcessMetrics: watchProcess(),
  };
  const exporter = createExporter(ports, { webConfig });
  const ending = new AbortController();
  const end = (): void => {
    ending.abort();
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  try {
    await exporter.run(ending.signal);
  } finally {
    process.removeListener("SIGTERM", end);
    process.removeListener("SIGINT", end);
  }
}

async function readWebConfigOf({ exporter }: Settings): Promise<WebConfig> {
  return exporter.openToEverybody ? openWebConfig : await readWebConfig(exporter.webConfigFile);
}
