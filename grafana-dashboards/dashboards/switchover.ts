import type { DashboardContent } from "../dashboard.js";
import { statPanel, stateTimelinePanel, tablePanel, timeSeriesPanel } from "../panels.js";
import { dateOf, foldedStates, increaseOf, select } from "../queries.js";
import {
  decisionMeanings,
  mapCondition,
  mapNumbers,
  mapTexts,
  resultMeanings,
  switchoverMeanings,
} from "../value-mappings.js";
import { operationsTable } from "./operations-table.js";

const bySide = ["pair", "side"] as const;
const met = mapCondition({ text: "not met", color: "orange" }, { text: "met", color: "green" });

/** What is or was switched, why, and whether it would work. */
export const switchover: DashboardContent = {
  name: "switchover",
  description:
    "The switchover that runs, the criteria of an automatic one over time, how the last ones went, and drills.",
  sections: [
    {
      title: "Now",
      panels: [
        statPanel(
          {
            ...{ title: "Switchover", unit: "short", width: 8, height: 5, mappings: mapNumbers(switchoverMeanings) },
            description: "Where a switchover is on each server.",
          },
          [{ expression: foldedStates("sparesync_switchover_state", "state", bySide), legend: "{{pair}} {{side}}" }],
        ),
        statPanel(
          {
            ...{ title: "Progress", unit: "percentunit", width: 4, height: 5 },
            description: "How much of the running operation's steps is done; 0 while none runs.",
          },
          [{ expression: `max by (pair) (${select("sparesync_operation_progress_ratio")})`, legend: "{{pair}}" }],
        ),
        tablePanel(
          {
            ...{ title: "Running step", unit: "short", width: 12, height: 5, noValue: "No operation runs." },
            description: "The operation that runs, and its step.",
          },
          [{ title: "Running", expression: `${select("sparesync_operation_running")} == 1` }],
          { labels: { pair: "Pair", side: "Server", operation: "Operation", step: "Step" } },
        ),
        stateTimelinePanel(
          {
            ...{ title: "Steps over time", unit: "short", width: 24, height: 9, noValue: "No operation ran." },
            description:
              'When each step of an operation ran and how long; "none" is the time between two steps, and of waiting for a' +
              " person.",
            mappings: mapNumbers([
              { text: "does not run", color: "text" },
              { text: "runs", color: "blue" },
            ]),
          },
          [
            {
              expression: `max by (pair, operation, step) (${select("sparesync_operation_running")} == 1)`,
              legend: "{{pair}} {{operation}}: {{step}}",
            },
          ],
        ),
      ],
    },
    {
      title: "Decision",
      panels: [
        stateTimelinePanel(
          {
            ...{ title: "Decision", unit: "short", width: 24, height: 5, mappings: mapNumbers(decisionMeanings) },
            description: "What each server has decided about an automatic failover.",
          },
          [
            {
              expression: foldedStates("sparesync_switchover_decision", "decision", bySide),
              legend: "{{pair}} {{side}}",
            },
          ],
        ),
        stateTimelinePanel(
          {
            ...{ title: "Criteria", unit: "short", width: 24, height: 14, mappings: met },
            description: "Each criterion of an automatic failover over time, as the standby sees it; all must be met.",
          },
          [
            {
              expression: `${select("sparesync_switchover_criterion_met")} and on (job, instance) ${select("sparesync_active")} == 0`,
              legend: "{{pair}} {{criterion}}",
            },
          ],
        ),
      ],
    },
    {
      title: "History",
      panels: [
        tablePanel(
          {
            ...{ title: "How operations last ended", unit: "dateTimeAsIso", width: 12, height: 8, noValue: "none yet" },
            description: "When an operation of each kind last ended in each way.",
          },
          [
            {
              title: "When",
              unit: "dateTimeAsIso",
              expression: dateOf("sparesync_operation_last_end_timestamp_seconds"),
            },
          ],
          {
            labels: { pair: "Pair", side: "Server", operation: "Operation", result: "Result" },
            labelMappings: { Result: mapTexts(resultMeanings) },
          },
        ),
        tablePanel(
          {
            ...{ title: "Duration of the last one", unit: "s", width: 6, height: 8, noValue: "none yet" },
            description: "From the request to the end, for each kind of operation that was done.",
          },
          [
            {
              title: "Took",
              unit: "s",
              expression: `max by (pair, operation) (${select("sparesync_switchover_last_duration_seconds")}) > 0`,
            },
          ],
          { labels: { pair: "Pair", operation: "Operation" } },
        ),
        timeSeriesPanel(
          {
            ...{ title: "Switchovers and failures", unit: "short", width: 6, height: 8 },
            description: "Switchovers and failovers that have ended, and those of them that were undone.",
          },
          [
            { expression: increaseOf("sparesync_switchover_total"), legend: "{{pair}} {{side}} {{trigger}}" },
            {
              expression: increaseOf("sparesync_switchover_failures_total"),
              legend: "{{pair}} {{side}} {{trigger}} undone",
            },
          ],
        ),
      ],
    },
    {
      title: "Name and drills",
      panels: [
        stateTimelinePanel(
          {
            ...{ title: "The name points to", unit: "short", width: 12, height: 6 },
            description: "Whether the name has exactly the addresses of that server.",
            mappings: mapCondition({ text: "no", color: "text" }, { text: "yes", color: "green" }),
          },
          [
            {
              expression: `max by (pair, server) (${select("sparesync_dns_points_to")})`,
              legend: "{{pair}} {{server}}",
            },
          ],
        ),
        tablePanel(
          {
            ...{ title: "Drills", unit: "short", width: 6, height: 6, noValue: "none yet" },
            description: "When a drill last succeeded, and the recovery time it has measured.",
          },
          [
            {
              title: "Last success",
              unit: "dateTimeAsIso",
              expression: dateOf("sparesync_drill_last_success_timestamp_seconds"),
            },
            { title: "Recovery time", unit: "s", expression: `${select("sparesync_drill_recovery_time_seconds")} > 0` },
          ],
          { labels: { pair: "Pair", side: "Server" } },
        ),
        statPanel(
          {
            ...{ title: "Time to live", unit: "s", width: 6, height: 6 },
            description: "How long resolvers may keep the name's old addresses after a switch.",
          },
          [{ expression: `max by (pair) (${select("sparesync_dns_ttl_seconds")})`, legend: "{{pair}}" }],
        ),
      ],
    },
    { title: "Operations", panels: [operationsTable] },
  ],
};
