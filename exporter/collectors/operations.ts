import { type Sample, sample, seconds } from "../../shared/core/metric-catalogue.js";
import { operationResults } from "../../shared/core/metrics/actor-metrics.js";
import { operationKinds } from "../../shared/core/status.js";
import { statusCollector } from "../collector.js";

/** The running operation with its step, and how operations ended. */
export const operations = statusCollector("operations", ({ operation, lastOperations }) => [
  ...operationKinds.map((kind) => {
    const isRunning = operation?.kind === kind;
    // Between two steps the operation runs, but no step does.
    const step = operation?.steps.find(({ state }) => state === "running")?.name ?? "none";
    return sample("sparesync_operation_running", isRunning, { operation: kind, step: isRunning ? step : "none" });
  }),
  sample("sparesync_operation_progress_ratio", operation?.progressRatio ?? 0),
  ...operationKinds.flatMap((kind) =>
    operationResults.map((result): Sample => {
      const ends = lastOperations
        .filter((ended) => ended.kind === kind && ended.state === result)
        .map(({ endedAtMs }) => endedAtMs);
      const lastMs = Math.max(0, ...ends);
      return sample("sparesync_operation_last_end_timestamp_seconds", seconds(lastMs), { operation: kind, result });
    }),
  ),
]);
