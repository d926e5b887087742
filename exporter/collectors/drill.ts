import { sample, seconds } from "../../shared/core/metric-catalogue.js";
import { statusCollector } from "../collector.js";

/** What the last drill has proven. */
export const drill = statusCollector("drill", ({ drill: last }) => [
  sample("sparesync_drill_last_success_timestamp_seconds", seconds(last?.lastSuccessAtMs ?? 0)),
  sample("sparesync_drill_recovery_time_seconds", last?.recoveryTimeSeconds ?? 0),
]);
