import { AppError, errorMessage } from "../shared/core/app-error.js";
import { type Sample, sample } from "../shared/core/metric-catalogue.js";
import { withDeadline } from "../shared/deadline.js";
import type { Collector, ScrapeContext } from "./collector.js";
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
}

/**
 * The text of one scrape within `limitSeconds`. Never rejects for what a collector does: one that fails, hangs or delivers
 * something unfit is missing from the text, and its `sparesync_scrape_collector_success` is 0.
 */
export async function scrape(parts: ScrapeParts, limitSeconds: number): Promise<string> {
  const { ports, probes } = parts;
  const untilMs = ports.clock.monotonicMs() + limitSeconds * 1000;
  const statusLimit = Math.min(longestStatusSeconds, limitSeconds * statusShare);
  const status = await timed(ports, "status", statusLimit, () => ports.readStatus(statusLimit));
  const context: ScrapeContext = {
    settings: ports.settings,
    version: ports.version,
    status: status.value,
    managedSystem: probes.managedSystem(),
    externalResources: probes.externalResources(),
  };
  const remaining = Math.max(leastCollectorSeconds, (untilMs - ports.clock.monotonicMs()) / 1000);
  const [processText, ...collected] = await Promise.all([
    timed(ports, "process", remaining, () => probes.processMetrics() ?? ports.readProcessMetrics()),
    ...parts.collectors.map((collector) => timed(ports, collector.name, remaining, () => collect(collector, context))),
  ]);
  const samples = [
    ...collected.flatMap(({ value }) => value ?? []),
    ...[status, processText, ...collected].flatMap(samplesOf),
  ];
  return `${renderSamples(samples)}\n${processText.value ?? ""}`;
}

interface Timed<T> {
  readonly collector: string;
  /** Undefined when it failed. */
  readonly value: T | undefined;
  readonly durationSeconds: number;
}

async function timed<T>(
  { clock, log }: ExporterPorts,
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
    return { collector, value, durationSeconds: durationSeconds() };
  } catch (error) {
    // A condition that lasts is shown by the metric; as a warning it would fill the log at every scrape.
    log.debug("scrape-collector-failed", { collector, because: errorMessage(error) });
    return { collector, value: undefined, durationSeconds: durationSeconds() };
  }
}

function collect(collector: Collector, context: ScrapeContext): readonly Sample[] | Promise<readonly Sample[]> {
  const samples = collector.collect(context);
  return samples instanceof Promise ? samples.then(requireFit) : requireFit(samples);
}

function requireFit(samples: readonly Sample[]): readonly Sample[] {
  for (const one of samples) {
    const flaw = flawOf(one);
    if (flaw !== undefined) throw new AppError("STEP_FAILED", flaw);
  }
  return samples;
}

function samplesOf({ collector, value, durationSeconds }: Timed<unknown>): Sample[] {
  return [
    sample("sparesync_scrape_collector_success", value !== undefined, { collector }),
    sample("sparesync_scrape_collector_duration_seconds", durationSeconds, { collector }),
  ];
}
