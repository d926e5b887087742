import { outageCriteria } from "../../shared/core/outage-criteria.js";
import type { DashboardContent } from "../dashboard.js";
import { statPanel, stateTimelinePanel, tablePanel, timeSeriesPanel } from "../panels.js";
import { ageOf, dateOf, foldedStates, select } from "../queries.js";
import { mapCondition, mapNumbers, stateMeanings } from "../value-mappings.js";
import { operationsTable } from "./operations-table.js";

const no = { text: "no", color: "red" } as const;
const yes = { text: "yes", color: "green" } as const;
const bySide = ["pair", "side"] as const;
const lagThresholds = [{ color: "green" }, { from: 60, color: "orange" }, { from: 300, color: "red" }] as const;
const server = { labels: { pair: "Pair", side: "Server" } };

/** Both servers of a pair at a glance: what an operator looks at first. */
export const pairOverview: DashboardContent = {
  name: "pair-overview",
  description:
    "Both servers of a pair at a glance: state, who serves, what would be lost, what keeps the spare from taking over.",
  sections: [
    {
      title: "At a glance",
      panels: [
        statPanel(
          {
            ...{ title: "State", unit: "short", width: 6, height: 5, mappings: mapNumbers(stateMeanings) },
            description: "The state each server computes of itself; unknown while its actor does not answer.",
          },
          [{ expression: foldedStates("sparesync_state", "state", bySide), legend: "{{pair}} {{side}}" }],
        ),
        statPanel(
          {
            ...{ title: "Role", unit: "short", width: 4, height: 5 },
            description: "Which server owns the name and serves.",
            mappings: mapCondition({ text: "standby", color: "text" }, { text: "active", color: "green" }),
          },
          [{ expression: select("sparesync_active"), legend: "{{pair}} {{side}}" }],
        ),
        statPanel(
          {
            ...{ title: "Managed system", unit: "short", width: 4, height: 5 },
            description: "Whether the test page of the active server's application answers, as the exporters see it.",
            mappings: mapCondition({ text: "away", color: "red" }, { text: "available", color: "green" }),
          },
          [
            {
              expression: `min by (pair, side) (${select("sparesync_managed_system_available")})`,
              legend: "{{pair}} seen by {{side}}",
            },
          ],
        ),
        statPanel(
          {
            ...{ title: "Connection", unit: "short", width: 3, height: 5 },
            description: "Whether the servers hear each other.",
            mappings: mapCondition({ text: "lost", color: "red" }, { text: "connected", color: "green" }),
          },
          [{ expression: `min by (pair) (${select("sparesync_peer_connected")})`, legend: "{{pair}}" }],
        ),
        statPanel(
          {
            ...{ title: "Recovery point", unit: "s", width: 4, height: 5 },
            description:
              "How much would be lost now if the active server were lost: the age of the oldest change not copied.",
            thresholds: lagThresholds,
          },
          [{ expression: `max by (pair) (${select("sparesync_recovery_point_lag_seconds")})`, legend: "{{pair}}" }],
        ),
        statPanel(
          {
            ...{ title: "Spare ready", unit: "short", width: 3, height: 5 },
            description: "Whether the standby could take over by itself if the active server were lost now.",
            mappings: mapCondition(no, yes),
          },
          [{ expression: `max by (pair) (${select("sparesync_switchover_ready")})`, legend: "{{pair}}" }],
        ),
        statPanel(
          {
            ...{ title: "Database lag", unit: "s", width: 8, height: 4, noValue: "no database" },
            description: "Age of the oldest change that waits, of the database that is furthest behind.",
            thresholds: lagThresholds,
          },
          [{ expression: `max by (pair) (${select("sparesync_db_sync_lag_seconds")})`, legend: "{{pair}}" }],
        ),
        statPanel(
          {
            ...{ title: "Oldest file that waits", unit: "s", width: 8, height: 4, noValue: "no folder" },
            description: "How long the oldest changed file of all folders has waited to be copied; 0: none waits.",
            thresholds: lagThresholds,
          },
          [
            {
              expression:
                `max by (pair) (${ageOf("sparesync_file_sync_oldest_pending_timestamp_seconds")})` +
                ` or 0 * max by (pair) (${select("sparesync_file_sync_oldest_pending_timestamp_seconds")})`,
              legend: "{{pair}}",
            },
          ],
        ),
        statPanel(
          {
            ...{ title: "Witness", unit: "short", width: 8, height: 4, noValue: "no witness" },
            description: "Whether both servers can use the witness at the third site, where there is to be one.",
            mappings: mapCondition({ text: "silent", color: "red" }, { text: "answers", color: "green" }),
          },
          [
            {
              expression: `min by (pair) (${select("sparesync_witness_up")} and on (job, instance) ${select("sparesync_witness_wanted")} == 1)`,
              legend: "{{pair}}",
            },
          ],
        ),
      ],
    },
    {
      title: "Servers and problems",
      panels: [
        tablePanel(
          {
            ...{ title: "Servers", unit: "short", width: 12, height: 7 },
            description: "The programs of both servers and how long ago the other one was heard.",
          },
          [
            { title: "Actor", expression: select("sparesync_actor_up"), mappings: mapCondition(no, yes) },
            { title: "Guard", expression: select("sparesync_guard_up"), mappings: mapCondition(no, yes) },
            { title: "Turned on", expression: select("sparesync_enabled"), mappings: mapCondition(no, yes) },
            { title: "Epoch", expression: select("sparesync_epoch") },
            { title: "Heard", unit: "s", expression: ageOf("sparesync_peer_last_seen_timestamp_seconds") },
            { title: "Confirmed", unit: "s", expression: ageOf("sparesync_ownership_confirmed_timestamp_seconds") },
          ],
          server,
        ),
        tablePanel(
          {
            ...{
              title: "What keeps the spare from taking over",
              unit: "short",
              width: 6,
              height: 7,
              noValue: "nothing",
            },
            description:
              "Criteria of an automatic failover that are not met, without those that only an outage can meet.",
          },
          [
            {
              title: "Blocked",
              expression:
                `${select("sparesync_switchover_blocked", `reason!~"${outageCriteria.join("|")}"`)} == 1` +
                ` and on (job, instance) ${select("sparesync_active")} == 0`,
              mappings: mapCondition(yes, { text: "blocked", color: "orange" }),
            },
          ],
          { labels: { pair: "Pair", side: "Server", reason: "Criterion" } },
        ),
        tablePanel(
          {
            ...{ title: "Configuration errors", unit: "short", width: 6, height: 7, noValue: "none" },
            description:
              "Why a server cannot work as it is set up; the runbook of the alert ConfigurationError says what to do.",
          },
          [
            {
              title: "Error",
              expression: `${select("sparesync_configuration_error")} == 1`,
              mappings: mapCondition(yes, { text: "error", color: "red" }),
            },
          ],
          { labels: { pair: "Pair", side: "Server", reason: "Reason" } },
        ),
      ],
    },
    {
      title: "Turned off, and checked",
      panels: [
        tablePanel(
          {
            ...{ title: "Last turned off, on, and marked as checked", unit: "dateTimeAsIso", width: 12, height: 7 },
            description:
              "When it was last turned off and on, and whether a person has marked the pair as checked since.",
            noValue: "never",
          },
          [
            {
              title: "When",
              unit: "dateTimeAsIso",
              expression: dateOf("sparesync_event_last_timestamp_seconds", 'event=~"TurnedOff|TurnedOn|MarkedChecked"'),
            },
          ],
          { labels: { pair: "Pair", side: "Server", event: "Event" } },
        ),
        tablePanel(
          {
            ...{ title: "Turned off because", unit: "short", width: 12, height: 7, noValue: "never" },
            description:
              "Why the pair was last turned off, also after it was turned on again, and whether a person has marked it as" +
              " checked since then.",
          },
          [
            {
              title: "Checked",
              expression:
                "max by (pair, side, because) (" +
                select("sparesync_last_turned_off_info") +
                " * on (job, instance) group_left () " +
                select("sparesync_last_turned_off_checked") +
                ")",
              mappings: mapCondition({ text: "not yet", color: "orange" }, { text: "checked", color: "green" }),
            },
          ],
          { labels: { pair: "Pair", side: "Server", because: "Because" } },
        ),
      ],
    },
    {
      title: "Over time",
      panels: [
        stateTimelinePanel(
          {
            ...{ title: "State", unit: "short", width: 24, height: 6, mappings: mapNumbers(stateMeanings) },
            description: "The state of each server over time; marks show what happened.",
          },
          [{ expression: foldedStates("sparesync_state", "state", bySide), legend: "{{pair}} {{side}}" }],
        ),
        timeSeriesPanel(
          {
            ...{ title: "Recovery point", unit: "s", width: 12, height: 7 },
            description: "How much would have been lost at that moment.",
          },
          [{ expression: `max by (pair) (${select("sparesync_recovery_point_lag_seconds")})`, legend: "{{pair}}" }],
        ),
        timeSeriesPanel(
          {
            ...{ title: "Probe of the managed system", unit: "s", width: 12, height: 7 },
            description: "How long the application's test page took to answer.",
          },
          [
            {
              expression: select("sparesync_managed_system_probe_duration_seconds"),
              legend: "{{pair}} {{side}} {{via}}",
            },
          ],
        ),
      ],
    },
    { title: "Operations", panels: [operationsTable] },
  ],
};
