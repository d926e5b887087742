import { sample } from "../../shared/core/metric-catalogue.js";
import { statusCollector } from "../collector.js";

/** What would be lost now. */
export const recoveryPoint = statusCollector("recovery-point", ({ recoveryPointSeconds }) => [
  sample("sparesync_recovery_point_lag_seconds", recoveryPointSeconds),
]);
