import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { buildDashboard, type DashboardContent } from "./dashboard.js";
import { fleet } from "./dashboards/fleet.js";
import { internals } from "./dashboards/internals.js";
import { pairOverview } from "./dashboards/pair-overview.js";
import { switchover } from "./dashboards/switchover.js";
import { synchronisation } from "./dashboards/synchronisation.js";
import { drawLayout } from "./layout-picture.js";

const contents: readonly DashboardContent[] = [pairOverview, synchronisation, switchover, fleet, internals];

/** Every dashboard in Grafana's classic JSON model, by the name of its file without ending. */
export const dashboards: ReadonlyMap<string, Dashboard> = new Map(
  contents.map((content) => [content.name, buildDashboard(content)]),
);

/** Committed files of this folder that are made from the above, with their content. */
export const generatedDashboards: Readonly<Record<string, string>> = Object.fromEntries(
  [...dashboards].flatMap(([name, dashboard]) => [
    [`grafana-dashboards/json/${name}.json`, `${JSON.stringify(dashboard, undefined, 2)}\n`],
    [`grafana-dashboards/pictures/${name}.svg`, drawLayout(dashboard)],
  ]),
);
