import { createExporter } from "../../exporter/exporter.js";
import type { ScrapeTarget } from "../../alert-rules/render-prometheus-config.js";
import { watchProcess } from "../../exporter/process-metrics.js";
import type { LocalStatus } from "../../shared/core/local-status.js";
import { eventNames } from "../../shared/core/event-catalogue.js";
import { type ServerName, serverNames } from "../../shared/core/server-name.js";
import type { OperationView } from "../../shared/core/status.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { rememberLog } from "./log-memory.js";
import { sampleSettings } from "./sample-settings.js";
import { sampleStatus } from "./sample-status.js";
import type { TestPageServer } from "./test-page-server.js";

/** How a pair may fare: what dashboards must be able to show. Each is the name of a pair as well. */
export const scenarios = ["normal", "lag", "fatal", "switching", "failed"] as const;
export type Scenario = (typeof scenarios)[number];

const clock = createSystemClock();

/** Starts the real exporters of both servers of a pair for each scenario; their actors say what is seeded. */
export async function startSeededExporters(
  page: TestPageServer,
  certificateFile: string,
): Promise<{ readonly targets: readonly ScrapeTarget[]; stop(): Promise<void> }> {
  const ending = new AbortController();
  const running: Promise<void>[] = [];
  const readProcessMetrics = watchProcess();
  const targets: ScrapeTarget[] = [];
  for (const scenario of scenarios) {
    for (const side of serverNames) {
      const port = await new Promise<number>((resolve, reject) => {
        const exporter = createExporter(
          {
            settings: settingsOf(scenario, side, page, certificateFile),
            version: "0.1.0",
            clock,
            log: rememberLog(),
            readStatus: () => Promise.resolve(statusOf(scenario, side)),
            readProcessMetrics,
          },
          {
            onListening: (address) => {
              resolve(address.port);
            },
          },
        );
        const ended = exporter.run(ending.signal);
        ended.catch(reject);
        running.push(ended);
      });
      targets.push({ pair: scenario, side, address: `127.0.0.1:${port}` });
    }
  }
  return {
    targets,
    async stop() {
      ending.abort();
      await Promise.all(running);
    },
  };
}

function settingsOf(pair: string, side: ServerName, page: TestPageServer, certificateFile: string) {
  const settings = sampleSettings(side);
  const { publicAddresses } = settings.managedSystem;
  return {
    ...settings,
    pair,
    exporter: { ...settings.exporter, listen: { host: "127.0.0.1", port: 0 }, probeSeconds: 0.5 },
    link: { ...settings.link, certificateFile, peerCertificateFile: certificateFile },
    admin: { ...settings.admin, certificateFile },
    managedSystem: {
      ...settings.managedSystem,
      localAddress: page.address,
      publicAddresses: { ...publicAddresses, primary: page.address },
    },
    externalResources: {
      ...settings.externalResources,
      required: 1,
      resources: [{ name: "page", address: page.address }],
    },
  };
}

function statusOf(scenario: Scenario, side: ServerName): LocalStatus {
  const wallMs = Date.now();
  const healthy = sampleStatus({ wallMs, pair: scenario, server: side });
  const done = operationOf({ state: "done", startedAtMs: wallMs - 90_000, endedAtMs: wallMs - 30_000 });
  return {
    ...healthy,
    sync: healthy.sync.map((item) => ({
      ...item,
      oldestPendingAtMs: wallMs - 2_000,
      completeUpToMs: wallMs - 2_000,
      verification: { isRunning: false, table: "", rows: 10, differences: 0, verifiedAtMs: wallMs - 3_600_000 },
    })),
    peer: { ...healthy.peer, lastSeenMs: wallMs - 1_000 },
    lastOperations: [done],
    lastTurnedOff: { atMs: wallMs - 60_000, because: "olga: patches", isChecked: scenario !== "failed" },
    events: Object.fromEntries(eventNames.map((name) => [name, wallMs / 1000 - 60])),
    drill: {
      isRunning: false,
      lastEndedAtMs: wallMs - 86_400_000,
      lastSuccessAtMs: wallMs - 86_400_000,
      hasLastPassed: true,
      recoveryTimeSeconds: 42,
      recoveryPointSeconds: 3,
    },
    ...changeOf(scenario, side, wallMs, healthy),
  };
}

function changeOf(scenario: Scenario, side: ServerName, wallMs: number, healthy: LocalStatus): Partial<LocalStatus> {
  const isStandby = side === "secondary";
  switch (scenario) {
    case "normal":
      return { witness: { isAnswering: true, because: "" } };
    case "lag":
      return {
        state: "working_with_errors",
        recoveryPointSeconds: 1200,
        sync: healthy.sync.map((item) => ({
          ...item,
          health: "warning",
          pendingChanges: 5000,
          oldestPendingAtMs: wallMs - 1_200_000,
          verification: { isRunning: false, table: "", rows: 10, differences: 3, verifiedAtMs: wallMs - 900_000_000 },
        })),
        ...(isStandby && { decision: decisionOf(healthy, "recovery-point-within-limit") }),
      };
    case "fatal":
      return {
        state: "configuration_error",
        sync: healthy.sync.map((item) => ({
          ...item,
          health: "fatal",
          isComplete: false,
          verification: { isRunning: false, table: "", rows: 10, differences: 0, verifiedAtMs: wallMs - 3_600_000 },
        })),
        configurationErrors: [{ reason: "fatal-file-error", because: "uploads", sinceMs: wallMs, isLasting: true }],
        ...(isStandby && { decision: decisionOf(healthy, "data-complete") }),
      };
    case "switching":
      return {
        state: "switching_to_secondary",
        operation: operationOf({ state: "running", startedAtMs: wallMs - 9_000 }),
      };
    case "failed":
      return {
        state: "turned_off",
        because: "turned off by olga: patches",
        isEnabled: false,
        operation: operationOf({ state: "asks-a-person", startedAtMs: wallMs - 9_000 }),
        ...(isStandby && { decision: decisionOf(healthy, "no-flap") }),
      };
  }
}

function decisionOf(healthy: LocalStatus, unmet: string): NonNullable<LocalStatus["decision"]> {
  const decision = healthy.decision!;
  return { ...decision, criteria: [...decision.criteria, { name: unmet, met: false, because: "" }] };
}

function operationOf(change: Partial<OperationView>): OperationView {
  const step = {
    name: "claim-ownership",
    title: "",
    runsOn: "secondary",
    startedAtMs: 1,
    endedAtMs: 0,
    because: "",
  } as const;
  return {
    id: "op1",
    kind: "switch-to-secondary",
    state: "done",
    requestedBy: "olga",
    reason: "",
    from: "primary",
    to: "secondary",
    startedAtMs: 1,
    endedAtMs: 0,
    because: "",
    progressRatio: 0.5,
    steps: [{ ...step, state: "running" }],
    ...change,
  };
}
