import { type Sample, sample, seconds } from "../../shared/core/metric-catalogue.js";
import type { Collector } from "../collector.js";

/** What the exporter's own probes of the managed system have shown. */
export const managedSystem: Collector = {
  name: "managed-system",
  collect({ managedSystem: { views, counts, answersLocally } }) {
    const seen = views.flatMap(({ from, via, available, unavailableSinceMs, durationMs }): Sample[] => [
      sample("sparesync_managed_system_available", available, { from, via }),
      sample("sparesync_managed_system_unavailable_since_timestamp_seconds", seconds(unavailableSinceMs), {
        from,
        via,
      }),
      sample("sparesync_managed_system_probe_duration_seconds", seconds(durationMs), { from, via }),
    ]);
    const counted = counts.flatMap(({ from, via, probes, failures }): Sample[] => [
      sample("sparesync_managed_system_probes_total", probes, { from, via }),
      sample("sparesync_managed_system_probe_failures_total", failures, { from, via }),
    ]);
    const local =
      answersLocally === undefined ? [] : [sample("sparesync_managed_system_answers_locally", answersLocally)];
    return [...seen, ...counted, ...local];
  },
};
