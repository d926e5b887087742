import type { AddressInfo } from "node:net";
import { collectors } from "./collectors/index.js";
import { createExporterServer, listen } from "./exporter-server.js";
import type { ExporterPorts } from "./ports.js";
import { createProbeLoop } from "./probe-loop.js";
import { scrape } from "./scrape.js";

/** The exporter of one server: it looks, and never acts. */
export interface Exporter {
  /** Opens the listener, then probes until the signal aborts; resolves when all of it has ended. Called once. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ExporterOptions {
  /** Called with the address as soon as scrapes are answered. */
  readonly onListening?: (address: { readonly host: string; readonly port: number }) => void;
}

/** Wires probes, collectors and the HTTP server. */
export function createExporter(ports: ExporterPorts, { onListening }: ExporterOptions = {}): Exporter {
  const probes = createProbeLoop(ports);
  const server = createExporterServer(
    {
      version: ports.version,
      scrape: (limitSeconds) => scrape({ ports, probes, collectors }, limitSeconds),
      isReady: () => probes.managedSystem().answersLocally !== undefined && probes.externalResources() !== undefined,
    },
    ports.log,
  );
  return {
    async run(signal) {
      await listen(server, ports.settings.exporter.listen);
      const { address: host, port } = server.address() as AddressInfo;
      ports.log.info("exporter-listening", { host, port });
      onListening?.({ host, port });
      await probes.run(signal);
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
      ports.log.info("exporter-stopped");
    },
  };
}
