import type { AlertCode } from "./alert-catalogue.js";

/** The dashboards: their fixed identifiers in Grafana, file names and titles. Alerts, mail and other dashboards link to them. */
export const dashboardCatalogue = {
  "pair-overview": { uid: "sparesync-pair-overview", title: "SpareSync / Pair overview" },
  synchronisation: { uid: "sparesync-synchronisation", title: "SpareSync / Synchronisation" },
  switchover: { uid: "sparesync-switchover", title: "SpareSync / Switchover" },
  fleet: { uid: "sparesync-fleet", title: "SpareSync / Fleet" },
  internals: { uid: "sparesync-internals", title: "SpareSync / Internals" },
} as const;

export type DashboardName = keyof typeof dashboardCatalogue;

const onSynchronisation: readonly AlertCode[] = [
  "FileSyncProblemWarn",
  "FileSyncProblemFatal",
  "DbSyncProblemWarn",
  "DbSyncProblemFatal",
  "DbSyncReInitRequired",
  "SyncStalled",
  "DataNotVerified",
  "DeletedNotPurged",
  "DivergenceNotAcknowledged",
];

const onSwitchover: readonly AlertCode[] = [
  "TurnedOff",
  "TurnedOn",
  "ConfigurationError",
  "SwitchOnMainAppUnavailable",
  "SwitchedSuccessfully",
  "SwitchedFailed",
  "TwoActive",
  "NoActive",
  "FencingImpossible",
  "WitnessUnreachable",
  "NotReady",
  "NoSpare",
  "PausedTooLong",
  "DrillOverdue",
  "WebhookFailing",
  "Watchdog",
];

/** The dashboard that shows what an alert or a message is about. */
export function dashboardOf(code: AlertCode): DashboardName {
  if (onSynchronisation.includes(code)) return "synchronisation";
  if (code === "CollectorFailing") return "internals";
  return onSwitchover.includes(code) ? "switchover" : "pair-overview";
}

/** Where Grafana shows a dashboard; `base`: its web address, with or without a slash at the end, or "" for a path. */
export function dashboardUrl(name: DashboardName, base: string): string {
  return `${base.replace(/\/+$/, "")}/d/${dashboardCatalogue[name].uid}`;
}

/** The same, for one pair. */
export function pairDashboardUrl(name: DashboardName, base: string, pair: string): string {
  return `${dashboardUrl(name, base)}?var-pair=${encodeURIComponent(pair)}`;
}
