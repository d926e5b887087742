import { Counter, Gauge, Registry } from "prom-client";
import { metricCatalogue, type MetricName, type Sample } from "../shared/core/metric-catalogue.js";

/** What makes a sample unfit to be shown; undefined when it is fit. One bad sample must not spoil the whole scrape. */
export function flawOf({ name, labels, value }: Sample): string | undefined {
  const family = metricCatalogue[name];
  if (!Number.isFinite(value)) return `${name} is not a finite number`;
  if (family.type === "counter" && value < 0) return `${name} is a counter below zero`;
  const expected = Object.keys(family.labels).sort().join();
  const found = Object.keys(labels).sort().join();
  return expected === found ? undefined : `${name} has the labels "${found}" instead of "${expected}"`;
}

/** The samples in Prometheus' text format, in the order of the catalogue. */
export async function renderSamples(samples: readonly Sample[]): Promise<string> {
  const byName = groupByName(samples);
  // A registry for this scrape only: what is no longer true has no place to stay in.
  const registry = new Registry();
  for (const name of Object.keys(metricCatalogue) as MetricName[]) {
    const family = byName.get(name);
    if (family !== undefined) addFamily(registry, name, family);
  }
  return await registry.metrics();
}

function groupByName(samples: readonly Sample[]): ReadonlyMap<MetricName, readonly Sample[]> {
  const groups = new Map<MetricName, Sample[]>();
  for (const sample of samples) {
    const group = groups.get(sample.name);
    if (group === undefined) groups.set(sample.name, [sample]);
    else group.push(sample);
  }
  return groups;
}

function addFamily(registry: Registry, name: MetricName, samples: readonly Sample[]): void {
  const { type, help, labels } = metricCatalogue[name];
  const configuration = { name, help, labelNames: Object.keys(labels), registers: [registry] };
  if (type === "counter") {
    const counter = new Counter(configuration);
    for (const sample of samples) counter.inc(sample.labels, sample.value);
  } else {
    const gauge = new Gauge(configuration);
    for (const sample of samples) gauge.set(sample.labels, sample.value);
  }
}
