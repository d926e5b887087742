/** The dashboards: their fixed identifiers in Grafana, file names and titles. Alerts, mail and other dashboards link to them. */
export const dashboardCatalogue = {
  "pair-overview": { uid: "sparesync-pair-overview", title: "SpareSync / Pair overview" },
  synchronisation: { uid: "sparesync-synchronisation", title: "SpareSync / Synchronisation" },
  switchover: { uid: "sparesync-switchover", title: "SpareSync / Switchover" },
  fleet: { uid: "sparesync-fleet", title: "SpareSync / Fleet" },
  internals: { uid: "sparesync-internals", title: "SpareSync / Internals" },
} as const;

export type DashboardName = keyof typeof dashboardCatalogue;

/** Where Grafana shows a dashboard; `base`: its web address, with or without a slash at the end, or "" for a path. */
export function dashboardUrl(name: DashboardName, base: string): string {
  return `${base.replace(/\/+$/, "")}/d/${dashboardCatalogue[name].uid}`;
}
