import { httpCodes, httpHandlers, httpRequestCounter } from "../../shared/core/http-requests.js";
import { metricCatalogue, type MetricName, type Sample, sample } from "../../shared/core/metric-catalogue.js";
import type { LabelTable } from "../../shared/core/metrics/metric-family.js";
import { statusCollector } from "../collector.js";

/** Counters of the actor are named `<prefix>.<value of the label>`. */
const families = [
  { prefix: "webhook_alerts", name: "sparesync_webhook_alerts_total", label: "outcome" },
  { prefix: "link_refused", name: "sparesync_link_refused_total", label: "reason" },
  { prefix: "loop_failures", name: "sparesync_loop_failures_total", label: "loop" },
] as const;

/** What the actor counted since its start: alerts, refusals, failures. */
export const requests = statusCollector("requests", ({ counters }) => [
  ...httpHandlers.flatMap((handler) =>
    httpCodes.map((code) =>
      sample("sparesync_http_requests_total", counters[httpRequestCounter(handler, code)] ?? 0, { handler, code }),
    ),
  ),
  sample("sparesync_auth_failures_total", counters["auth_failures"] ?? 0),
  ...families.flatMap(({ prefix, name, label }): Sample[] => {
    // Known values are there from the start: a first event is otherwise invisible to increase().
    const values = new Map<string, number>(knownValues(name, label).map((value) => [value, 0]));
    for (const [counter, count] of Object.entries(counters)) {
      if (counter.startsWith(`${prefix}.`)) values.set(counter.slice(prefix.length + 1), count);
    }
    return [...values].map(([value, count]) => ({ name, labels: { [label]: value }, value: count }));
  }),
]);

function knownValues(name: MetricName, label: string): readonly string[] {
  const labels: LabelTable = metricCatalogue[name].labels;
  const values = labels[label];
  return typeof values === "object" && "known" in values ? values.known : [];
}
