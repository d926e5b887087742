import { sample, seconds } from "../../shared/core/metric-catalogue.js";
import { statusCollector } from "../collector.js";

/** The rehearsals of a takeover, as the spare has held them. */
export const drill = statusCollector("drill", ({ drill: held }) => [
  sample("sparesync_drill_running", held?.isRunning ?? false),
  sample("sparesync_drill_last_end_timestamp_seconds", seconds(held?.lastEndedAtMs ?? 0)),
  sample("sparesync_drill_last_success_timestamp_seconds", seconds(held?.lastSuccessAtMs ?? 0)),
  sample("sparesync_drill_last_passed", held?.hasLastPassed ?? false),
  sample("sparesync_drill_recovery_time_seconds", held?.recoveryTimeSeconds ?? 0),
  sample("sparesync_drill_recovery_point_seconds", held?.recoveryPointSeconds ?? 0),
]);
