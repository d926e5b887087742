import { collectDefaultMetrics, Registry } from "prom-client";

/** Gauges that prom-client calls `_total`, which only counters may be called; their unsuffixed twins say the same. */
const misnamed = ["nodejs_active_resources_total", "nodejs_active_handles_total", "nodejs_active_requests_total"];

/** Starts to watch this process (event loop, garbage collection); returns what reads the metrics. Called once. */
export function watchProcess(): () => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  return () => registry.metrics();
}
