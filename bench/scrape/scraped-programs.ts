import { writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { openStatusSocket } from "../../actor/status-socket.js";
import type { LocalStatus } from "../../shared/core/local-status.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { freePort } from "../../test/support/free-port.js";
import { rememberLog } from "../../test/support/log-memory.js";
import { sampleSettings } from "../../test/support/sample-settings.js";
import { sampleStatus } from "../../test/support/sample-status.js";
import type { BenchPlace } from "../bench.js";
import { startProgram } from "../programs.js";
import type { Scraped } from "./scrape-repeatedly.js";

const answersWithinMs = 20_000;

export interface ScrapedPrograms {
  readonly ours: Scraped;
  readonly nodeExporter: Scraped;
  close(): Promise<void>;
}

/** Our exporter beside an actor's status socket that says enough for so many series, and node_exporter as it is packaged. */
export async function scrapedPrograms({ folder }: BenchPlace, leastSeries: number): Promise<ScrapedPrograms> {
  const stateDirectory = path.join(folder, "state");
  const socket = await openStatusSocket({
    stateDirectory,
    status: ordinaryStatus,
    listeners: () => ({ admin: true, link: true }),
    log: rememberLog(),
    clock: createSystemClock(),
  });
  return {
    ours: {
      leastSeries,
      async start() {
        const port = await freePort();
        const file = path.join(folder, "sparesync.yml");
        writeFileSync(file, stringify(settingsWith(stateDirectory, port)));
        const command = path.resolve("dist/cli/sparesync.js");
        const program = startProgram(
          "node",
          [command, "exporter", "--settings", file],
          path.join(folder, "exporter.log"),
        );
        await untilAnswered(port);
        return { port, program };
      },
    },
    nodeExporter: {
      leastSeries: 1,
      async start() {
        const port = await freePort();
        const args = [`--web.listen-address=127.0.0.1:${port}`];
        const program = startProgram("prometheus-node-exporter", args, path.join(folder, "node-exporter.log"));
        await untilAnswered(port);
        return { port, program };
      },
    },
    close: () => socket.close(),
  };
}

/** A pair with three folders and three databases: a little more than four hundred series. */
function ordinaryStatus(): LocalStatus {
  const status = sampleStatus({ wallMs: Date.now() });
  const sync = status.sync.flatMap((item) => [1, 2, 3].map((number) => ({ ...item, name: `${item.name}-${number}` })));
  return { ...status, sync };
}

function settingsWith(stateDirectory: string, port: number): object {
  const loopback = (number: number) => ({ host: "127.0.0.1", port: number });
  const { pair, server, ownership, dns, managedSystem } = sampleSettings();
  return {
    ...{ pair, server, ownership, stateDirectory },
    link: { listen: loopback(1), peer: loopback(2), transport: "http" },
    admin: { listen: loopback(3), transport: "http" },
    dns: { ...dns, tsig: { keyName: "sparesync" } },
    exporter: { listen: loopback(port), probeSeconds: 5, openToEverybody: true },
    managedSystem: { ...managedSystem, publicAddresses: { primary: loopback(4), secondary: loopback(5) } },
  };
}

async function untilAnswered(port: number): Promise<void> {
  const untilMs = performance.now() + answersWithinMs;
  while (performance.now() < untilMs) {
    const isAnswered = await fetch(`http://127.0.0.1:${port}/metrics`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isAnswered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing answers on port ${port}`);
}
