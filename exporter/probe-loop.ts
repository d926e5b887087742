import { AppError, errorCode, errorMessage } from "../shared/core/app-error.js";
import type { LocalStatus } from "../shared/core/local-status.js";
import { otherServer } from "../shared/core/server-name.js";
import { type ExternalResourcesResult, probeExternalResources } from "../shared/probes/external-resources.js";
import { probeManagedSystem } from "../shared/probes/managed-system.js";
import { emptyProbeRecord, nextProbeRecord, type ProbeRecord } from "./core/probe-record.js";
import { type KnownVantage, nextVantage } from "./core/vantage.js";
import type { ExporterPorts } from "./ports.js";

/** Reading the actor's status may not hold up a probe for longer than this. */
const statusLimitSeconds = 2;

/** What the probes have shown; scrapes only read it. */
export interface ProbeLoop {
  managedSystem(): ProbeRecord;
  /** Undefined before the first probe. */
  externalResources(): ExternalResourcesResult | undefined;
  /** The metrics of this process as text; undefined before they were first read, and when that failed. */
  processMetrics(): string | undefined;
  /** Runs until the signal aborts; never rejects. Called once. */
  run(signal: AbortSignal): Promise<void>;
}

/** Probes on timers of their own: neither a slow scrape nor a missing one changes how often is looked. */
export function createProbeLoop(ports: ExporterPorts): ProbeLoop {
  const { settings, clock } = ports;
  const askActor = createActorQuestion(ports);
  let vantage: KnownVantage;
  let record = emptyProbeRecord;
  let resources: ExternalResourcesResult | undefined;
  let processMetrics: string | undefined;

  async function probeManagedSystemOnce(signal: AbortSignal): Promise<void> {
    vantage = nextVantage(vantage, settings.server, await askActor());
    const active = vantage === "active" ? settings.server : otherServer(settings.server);
    const { testPage, localAddress, publicAddresses } = settings.managedSystem;
    const probe = (address: { readonly host: string; readonly port: number }) =>
      probeManagedSystem({ testPage, name: settings.dns.name, address, clock, signal });
    const [local, seenPublicly] = await Promise.all([
      probe(localAddress),
      vantage === undefined ? undefined : probe(publicAddresses[active]),
    ]);
    record = nextProbeRecord(record, { wallMs: clock.wallMs(), vantage, local, public: seenPublicly });
  }

  async function probeExternalResourcesOnce(signal: AbortSignal): Promise<void> {
    resources = await probeExternalResources({ settings: settings.externalResources, clock, signal });
  }

  /** To ask the system for them takes as long as everything else of a scrape together. */
  async function readProcessMetricsOnce(): Promise<void> {
    processMetrics = await ports.readProcessMetrics().catch(() => undefined);
  }

  return {
    managedSystem: () => record,
    externalResources: () => resources,
    processMetrics: () => processMetrics,
    async run(signal) {
      await Promise.all([
        repeat(ports, "managed-system", probeManagedSystemOnce, signal),
        repeat(ports, "external-resources", probeExternalResourcesOnce, signal),
        repeat(ports, "process", readProcessMetricsOnce, signal),
      ]);
    },
  };
}

/** Asks the actor for its status; undefined when it does not answer. Logs why when that changes. */
function createActorQuestion({ readStatus, settings, log }: ExporterPorts): () => Promise<LocalStatus | undefined> {
  let lastFailure: string | undefined;
  return async () => {
    try {
      const status = await readStatus(Math.min(statusLimitSeconds, settings.exporter.probeSeconds));
      if (lastFailure !== undefined) log.info("actor-answers", {});
      lastFailure = undefined;
      return status;
    } catch (error) {
      const because = errorMessage(error);
      const hint = error instanceof AppError && error.hint !== undefined ? error.hint : "";
      if (because !== lastFailure) log.warn("actor-not-read", { because, hint });
      lastFailure = because;
      return undefined;
    }
  };
}

/** Starts a round each `probeSeconds`, or at once after one that took longer; two never overlap. */
async function repeat(
  { settings, clock, log }: ExporterPorts,
  name: string,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const startedAtMs = clock.monotonicMs();
    try {
      await work(signal);
    } catch (error) {
      if (errorCode(error) === "ABORTED") return;
      // What is probed never rejects: this is a bug, and the next round must come all the same.
      log.error("probe-round-failed", { probe: name, because: errorMessage(error) });
    }
    const restMs = settings.exporter.probeSeconds * 1000 - (clock.monotonicMs() - startedAtMs);
    await clock.sleep(Math.max(0, restMs), signal).catch(() => undefined);
  }
}
