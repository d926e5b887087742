import { readFile } from "node:fs/promises";
import { z } from "zod";
import { createJsonLogger } from "../shared/json-logger.js";
import { readSettings } from "../shared/settings-file.js";
import { readActorStatus } from "../shared/status-client.js";
import { createSystemClock } from "../shared/system-clock.js";
import { createExporter } from "./exporter.js";
import { watchProcess } from "./process-metrics.js";

/** Runs the exporter of the settings file until SIGTERM or SIGINT; rejects when it cannot start. */
export async function runExporter(settingsFile: string): Promise<void> {
  const { settings } = await readSettings(settingsFile);
  const clock = createSystemClock();
  const log = createJsonLogger({
    stream: process.stderr,
    wallMs: () => clock.wallMs(),
    fields: { program: "exporter", pair: settings.pair, server: settings.server },
  });
  const exporter = createExporter({
    settings,
    version: await readVersion(),
    clock,
    log,
    readStatus: (limitSeconds) => readActorStatus(settings.stateDirectory, limitSeconds),
    readProcessMetrics: watchProcess(),
  });
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

/** The version of the package this program belongs to; the compiled program lies one folder deeper than its source. */
async function readVersion(): Promise<string> {
  const packageFile = new URL("../../package.json", import.meta.url);
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(packageFile, "utf8"))).version;
}
