import { metricCatalogue, type MetricName } from "../shared/core/metric-catalogue.js";

/** What each query is narrowed to by the variables of a dashboard. */
export const chosen = 'job=~"$job",instance=~"$instance",pair=~"$pair"';

/** A metric of the chosen pairs and servers; `labels` as in PromQL: `state="ok"`. */
export function select(metric: MetricName, labels = ""): string {
  return `${metric}{${chosen}${labels === "" ? "" : `,${labels}`}}`;
}

/** How often per second a counter grew. */
export function rateOf(metric: MetricName, labels = ""): string {
  return `rate(${select(metric, labels)}[$__rate_interval])`;
}

/** How much a counter grew in the shown interval. */
export function increaseOf(metric: MetricName, labels = ""): string {
  return `increase(${select(metric, labels)}[$__rate_interval])`;
}

/** Seconds since a time that a metric gives; nothing where it is 0, never. */
export function ageOf(metric: MetricName, labels = ""): string {
  return `time() - (${select(metric, labels)} > 0)`;
}

/** Milliseconds of a time that a metric gives, as Grafana's dates are; nothing where it is 0, never. */
export function dateOf(metric: MetricName, labels = ""): string {
  return `1000 * (${select(metric, labels)} > 0)`;
}

/** A one-hot family as one number for each of `by`: 0 for the first value of its label, 1 for the second, and so on. */
export function foldedStates(metric: MetricName, label: string, by: readonly string[]): string {
  const { labels } = metricCatalogue[metric];
  const values: unknown = (labels as Readonly<Record<string, unknown>>)[label];
  if (!Array.isArray(values)) throw new Error(`${metric} has no fixed values of ${label}`);
  return values
    .map((value: string, index) => `${index} * max by (${by.join(", ")}) (${select(metric, `${label}="${value}"`)})`)
    .join(" + ");
}
