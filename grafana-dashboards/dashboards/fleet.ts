import { dashboardCatalogue } from "../../shared/core/dashboard-catalogue.js";
import type { DashboardContent } from "../dashboard.js";
import { stateTimelinePanel, tablePanel } from "../panels.js";
import { foldedStates, select } from "../queries.js";
import { healthMeanings, mapCondition, mapNumbers, stateMeanings } from "../value-mappings.js";

const no = { text: "no", color: "red" } as const;
const yes = { text: "yes", color: "green" } as const;

function worst(metric: "sparesync_file_sync_state" | "sparesync_db_sync_state"): string {
  const label = metric === "sparesync_file_sync_state" ? "folder" : "database";
  return `max by (pair) (${foldedStates(metric, "state", ["pair", label])})`;
}

function stateOf(side: "primary" | "secondary"): string {
  return `sum by (pair) (${foldedStates("sparesync_state", "state", ["pair", "side"])} and on (pair, side) ${select("sparesync_node_info", `side="${side}"`)})`;
}

/** All pairs of a company, one row each. */
export const fleet: DashboardContent = {
  name: "fleet",
  description:
    "All pairs in one table: where each is served, what would be lost, what is wrong. A click opens the pair.",
  sections: [
    {
      title: "Pairs",
      panels: [
        tablePanel(
          {
            ...{ title: "Pairs", unit: "short", width: 24, height: 14 },
            description: "One row for each pair; the name of the pair leads to its overview.",
          },
          [
            { title: "Primary", expression: stateOf("primary"), mappings: mapNumbers(stateMeanings) },
            { title: "Secondary", expression: stateOf("secondary"), mappings: mapNumbers(stateMeanings) },
            {
              title: "Served by",
              expression: `sum by (pair) (${select("sparesync_active", 'side="primary"')}) + 2 * sum by (pair) (${select("sparesync_active", 'side="secondary"')})`,
              mappings: mapNumbers([
                { text: "none", color: "red" },
                { text: "primary", color: "green" },
                { text: "secondary", color: "yellow" },
                { text: "both", color: "dark-red" },
              ]),
            },
            {
              title: "Available",
              expression: `min by (pair) (${select("sparesync_managed_system_available")})`,
              mappings: mapCondition(no, yes),
            },
            {
              title: "Connected",
              expression: `min by (pair) (${select("sparesync_peer_connected")})`,
              mappings: mapCondition(no, yes),
            },
            {
              title: "Ready",
              expression: `max by (pair) (${select("sparesync_switchover_ready")})`,
              mappings: mapCondition(no, yes),
            },
            {
              title: "Recovery point",
              unit: "s",
              expression: `max by (pair) (${select("sparesync_recovery_point_lag_seconds")})`,
              thresholds: [{ color: "green" }, { from: 60, color: "orange" }, { from: 300, color: "red" }],
            },
            {
              title: "Files",
              expression: worst("sparesync_file_sync_state"),
              mappings: mapNumbers(healthMeanings),
            },
            {
              title: "Databases",
              expression: worst("sparesync_db_sync_state"),
              mappings: mapNumbers(healthMeanings),
            },
          ],
          {
            labels: { pair: "Pair" },
            link: {
              column: "Pair",
              title: "Open this pair",
              url: `/d/${dashboardCatalogue["pair-overview"].uid}?var-datasource=\${datasource}&var-pair=\${__value.text}&\${__url_time_range}`,
            },
          },
        ),
      ],
    },
    {
      title: "Over time",
      panels: [
        stateTimelinePanel(
          {
            ...{ title: "States", unit: "short", width: 24, height: 14, mappings: mapNumbers(stateMeanings) },
            description: "The state of every server over time.",
          },
          [{ expression: foldedStates("sparesync_state", "state", ["pair", "side"]), legend: "{{pair}} {{side}}" }],
        ),
      ],
    },
  ],
};
