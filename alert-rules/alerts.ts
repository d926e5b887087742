import { alertCodes } from "../shared/core/alert-catalogue.js";
import { dashboardOf } from "../shared/core/dashboard-catalogue.js";
import type { Alert } from "./alert.js";
import { availabilityAlerts } from "./alerts/availability.js";
import { connectionAlerts } from "./alerts/connection.js";
import { switchoverAlerts } from "./alerts/switchover.js";
import { synchronisationAlerts } from "./alerts/synchronisation.js";

/** All alerts in the order of the catalogue, which holds their delay, repeat and severity; each code has exactly one. */
export const alerts: readonly Alert[] = [
  ...availabilityAlerts,
  ...connectionAlerts,
  ...synchronisationAlerts,
  ...switchoverAlerts,
]
  .map((definition) => ({ ...definition, dashboard: dashboardOf(definition.code) }))
  .sort((a, b) => alertCodes.indexOf(a.code) - alertCodes.indexOf(b.code));
