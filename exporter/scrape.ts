import { AppError, errorMessage } from "../shared/core/app-error.js";
import { type Sample, sample } from "../shared/core/metric-catalogue.js";
import { withDeadline } from "../shared/deadline.js";
import type { Collection, Collector, IncompleteCollection, ScrapeContext } from "./collector.js";
import type { FailureLog } from "./failure-log.js";
import type { ExporterPorts } from "./ports.js";
import type { ProbeLoop } from "./probe-loop.js";
import { flawOf, renderSamples } from "./render.js";

/** A local actor that works answers within milliseconds; a hung one may not take the whole time of the scrape. */
const longestStatusSeconds = 5;
/** Of the scrape's time, what waiting for the actor may take: the collectors after it need the rest. */
const statusShare = 0.7;
/** However short the scrape, a collector gets at least this. */
const leastCollectorSeconds = 0.05;

export interface ScrapeParts {
  readonly ports: ExporterPorts;
  readonly probes: ProbeLoop;
  readonly collectors: readonly Collector[];
  readonly noteFailure: FailureLog;
  /** The certificate that this exporter shows, PEM; undefined: plain HTTP. */
  readonly shownCertificate: () => string | undefined;
}

/**
 * The text of one scrape within `limitSeconds`. Never rejects for what a collector does: one that fails, hangs or delivers
 * something unfit is missing from the text, and its `sparesync_scrape_collector_success` is 0, as is that of one which
 * could deliver a part only.
 */
export async function scrape(parts: ScrapeParts, limitSeconds: number): Promise<string> {
  const { ports, probes, noteFailure } = parts;
  const untilMs = ports.clock.monotonicMs() + limitSeconds * 1000;
  const statusLimit = Math.min(longestStatusSeconds, limitSeconds * statusShare);
  const status = await timed(ports, "status", statusLimit, () => ports.readStatus(statusLimit));
  const context: ScrapeContext = {
    settings: ports.settings,
    version: ports.version,
    status: status.value,
    managedSystem: probes.managedSystem(),
    externalResources: probes.externalResources(),
    shownCertificate: parts.shownCertificate(),
  };
  const remaining = Math.max(leastCollectorSeconds, (untilMs - ports.clock.monotonicMs()) / 1000);
  const [processText, ...collected] = await Promise.all([
    timed(ports, "process", remaining, () => probes.processMetrics() ?? ports.readProcessMetrics()),
    ...parts.collectors.map((collector) => timed(ports, collector.name, remaining, () => collect(collector, context))),
  ]);
  for (const { collector, because } of [status, processText]) noteFailure(collector, because);
  for (const { collector, because, value } of collected) noteFailure(collector, value?.because ?? because);
  const samples = [
    ...collected.flatMap(({ value }) => value?.samples ?? []),
    ...[status, processText].flatMap((one) => samplesOf(one, one.value !== undefined)),
    ...collected.flatMap((one) => samplesOf(one, one.value?.because === "")),
  ];
  return `${renderSamples(samples)}\n${processText.value ?? ""}`;
}

interface Timed<T> {
  readonly collector: string;
  /** Undefined when it failed. */
  readonly value: T | undefined;
  /** Why it failed; empty: it did not. */
  readonly because: string;
  readonly durationSeconds: number;
}

async function timed<T>(
  { clock }: ExporterPorts,
  collector: string,
  limitSeconds: number,
  work: () => T | Promise<T>,
): Promise<Timed<T>> {
  const startedAtMs = clock.monotonicMs();
  const durationSeconds = (): number => (clock.monotonicMs() - startedAtMs) / 1000;
  try {
    const answer = work();
    // A limit costs more than most collectors do; what has answered already needs none.
    const value =
      answer instanceof Promise
        ? await withDeadline(clock, { limitSeconds, what: `the collector ${collector}` }, () => answer)
        : answer;
    return { collector, value, because: "", durationSeconds: durationSeconds() };
  } catch (error) {
    return { collector, value: undefined, because: errorMessage(error), durationSeconds: durationSeconds() };
  }
}

function collect(collector: Collector, context: ScrapeContext): IncompleteCollection | Promise<IncompleteCollection> {
  const collection = collector.collect(context);
  return collection instanceof Promise ? collection.then(requireFit) : requireFit(collection);
}

/** `because` is empty where nothing is missing. */
function requireFit(collection: Collection): IncompleteCollection {
  const { samples, because } = "samples" in collection ? collection : { samples: collection, because: "" };
  for (const one of samples) {
    const flaw = flawOf(one);
    if (flaw !== undefined) throw new AppError("STEP_FAILED", flaw);
  }
  return { samples, because };
}

function samplesOf({ collector, durationSeconds }: Timed<unknown>, isSuccess: boolean): Sample[] {
  return [
    sample("sparesync_scrape_collector_success", isSuccess, { collector }),
    sample("sparesync_scrape_collector_duration_seconds", durationSeconds, { collector }),
  ];
}
