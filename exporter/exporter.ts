import type { ClockPort } from "../shared/core/clock-port.js";
import { type HttpServer, startListening, stopListening } from "../shared/http-server.js";
import { createCertificateRenewal } from "./certificate-renewal.js";
import { collectors } from "./collectors/index.js";
import { createExporterServer } from "./exporter-server.js";
import { createFailureLog } from "./failure-log.js";
import type { ExporterPorts } from "./ports.js";
import { createProbeLoop } from "./probe-loop.js";
import { scrape } from "./scrape.js";
import { openWebConfig, type WebConfig } from "./web-config.js";

/** A scrape under way may end; Prometheus keeps its connection open, so it is cut after this. */
const stopGraceSeconds = 1;

/** The exporter of one server: it looks, and never acts. */
export interface Exporter {
  /** Opens the listener, then probes until the signal aborts; resolves when all of it has ended. Called once. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ExporterOptions {
  /** Who may scrape, and by which certificate; everybody in plain HTTP when left out. */
  readonly webConfig?: WebConfig;
  /** Called with the address as soon as scrapes are answered. */
  readonly onListening?: (address: { readonly host: string; readonly port: number }) => void;
}

/** Wires probes, collectors and the HTTP server. */
export function createExporter(
  ports: ExporterPorts,
  { onListening, webConfig = openWebConfig }: ExporterOptions = {},
): Exporter {
  const probes = createProbeLoop(ports);
  const noteFailure = createFailureLog(ports.log);
  const server: HttpServer = createExporterServer(
    {
      version: ports.version,
      scrape: (limitSeconds) =>
        scrape({ ports, probes, collectors, noteFailure, shownCertificate: renewal.shownCertificate }, limitSeconds),
      isReady: () => probes.managedSystem().answersLocally !== undefined && probes.externalResources() !== undefined,
    },
    webConfig,
    ports.log,
  );
  const renewal = createCertificateRenewal(server, webConfig, ports.log);
  return {
    async run(signal) {
      const { host } = ports.settings.exporter.listen;
      const { port } = await startListening(server, ports.settings.exporter.listen, "exporter.listen");
      ports.log.info("exporter-listening", { host, port });
      onListening?.({ host, port });
      await Promise.all([probes.run(signal), repeatEachMinute(ports.clock, renewal.renew, signal)]);
      await stopListening(server, ports.clock, stopGraceSeconds);
      ports.log.info("exporter-stopped");
    },
  };
}

async function repeatEachMinute(clock: ClockPort, look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const isMinuteOver = (): Promise<boolean> =>
    clock.sleep(60_000, signal).then(
      () => true,
      () => false,
    );
  while (await isMinuteOver()) await look();
}
