import { sample, seconds } from "../../shared/core/metric-catalogue.js";
import { statusCollector } from "../collector.js";

/** What keeps an automatic failover from beginning now, by an operator's or the settings' will. */
export const maintenance = statusCollector("maintenance", ({ pause, serviceInterval }) => [
  sample("sparesync_maintenance", pause !== undefined, { kind: "pause" }),
  sample("sparesync_maintenance", serviceInterval !== undefined, { kind: "service-interval" }),
  sample("sparesync_pause_start_timestamp_seconds", seconds(pause?.setAtMs ?? 0)),
  sample("sparesync_pause_end_timestamp_seconds", seconds(pause?.untilMs ?? 0)),
  sample("sparesync_service_interval_end_timestamp_seconds", seconds(serviceInterval?.endsAtMs ?? 0)),
]);
