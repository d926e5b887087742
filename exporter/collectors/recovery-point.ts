import { sample } from "../../shared/core/metric-catalogue.js";
import { statusCollector } from "../collector.js";

/** What would be lost now, and what was. */
export const recoveryPoint = statusCollector("recovery-point", ({ recoveryPointSeconds, divergence }) => [
  sample("sparesync_recovery_point_lag_seconds", recoveryPointSeconds),
  sample("sparesync_divergence_entries", divergence?.entries ?? 0),
]);
