import { alertCodes } from "../shared/core/alert-catalogue.js";
import type { DashboardName } from "../shared/core/dashboard-catalogue.js";
import type { Alert, AlertDefinition } from "./alert.js";
import { availabilityAlerts } from "./alerts/availability.js";
import { connectionAlerts } from "./alerts/connection.js";
import { switchoverAlerts } from "./alerts/switchover.js";
import { synchronisationAlerts } from "./alerts/synchronisation.js";

/** All alerts in the order of the catalogue, which holds their delay, repeat and severity; each code has exactly one. */
export const alerts: readonly Alert[] = [
  ...shownOn("pair-overview", availabilityAlerts),
  ...shownOn("pair-overview", connectionAlerts),
  ...shownOn("synchronisation", synchronisationAlerts),
  ...shownOn("switchover", switchoverAlerts),
].sort((a, b) => alertCodes.indexOf(a.code) - alertCodes.indexOf(b.code));

function shownOn(dashboard: DashboardName, definitions: readonly AlertDefinition[]): readonly Alert[] {
  return definitions.map((definition) => ({ ...definition, dashboard }));
}
