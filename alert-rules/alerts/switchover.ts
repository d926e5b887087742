import { outageCriteria, plannedCriteria } from "../../shared/core/outage-criteria.js";
import { type AlertDefinition, onPrimary, onSecondary, primaryLabels, secondaryLabels } from "../alert.js";
import { eventAlert } from "../event-alert.js";
import { prometheusDuration } from "../prometheus-duration.js";

const active = (labels: string): string => `sparesync_active{${labels}}`;
const serving = (labels: string): string => `sparesync_managed_system_serving{${labels}}`;
const blocked = (reason: string, labels = onSecondary): string =>
  `sparesync_switchover_blocked{reason="${reason}",${labels}}`;
const enabled = (labels: string): string => `sparesync_enabled{${labels}}`;
const paused = (labels: string): string => `sparesync_maintenance{kind="pause",${labels}}`;
const leftOut = [...outageCriteria, ...plannedCriteria];
const hour = 3600;
const day = 86_400;

/** What was switched or should be possible to switch, and who owns the name. */
export const switchoverAlerts: readonly AlertDefinition[] = [
  eventAlert(
    "SwitchOnMainAppUnavailable",
    "The managed system is down although the servers are connected; it will be switched.",
    "In the pair {{ $labels.pair }} the managed system does not answer while the servers hear each other. The spare" +
      " takes over.",
  ),
  eventAlert(
    "SwitchedSuccessfully",
    "The managed system was switched.",
    "The managed system of the pair {{ $labels.pair }} runs on the other server now.",
  ),
  eventAlert(
    "SwitchedFailed",
    "The managed system could not be switched.",
    "A switchover of the pair {{ $labels.pair }} was undone, or waits for a person. `sparesync operations list` tells" +
      " what was done and what was not.",
  ),
  eventAlert("TurnedOff", "SpareSync was turned off.", "The pair {{ $labels.pair }} is not kept in step any more."),
  eventAlert("TurnedOn", "SpareSync was turned on.", "The pair {{ $labels.pair }} is kept in step again."),
  {
    code: "ConfigurationError",
    expression: "sparesync_configuration_error == 1",
    summary: "SpareSync cannot work because of its configuration.",
    description:
      "The {{ $labels.side }} server of the pair {{ $labels.pair }} has found a configuration error:" +
      " {{ $labels.reason }}. Nothing is switched until it is mended and marked as checked.",
    fires: [
      {
        when: "there is one",
        series: { [`sparesync_configuration_error{reason="clocks-apart",${onPrimary}}`]: "_x4 1x20 stale" },
        since: 60,
        until: 390,
        labels: { ...primaryLabels, reason: "clocks-apart" },
      },
    ],
    staysQuiet: [
      { when: "there is none", series: { [`sparesync_configuration_errors{${onPrimary}}`]: "0x40" }, at: [0, 600] },
    ],
  },
  {
    code: "TwoActive",
    expression:
      "count by (pair) (sparesync_active == 1 and on (job, instance) sparesync_managed_system_serving == 1) > 1",
    summary: "Both servers serve.",
    description:
      "Both servers of the pair {{ $labels.pair }} hold themselves for the active one, and the managed system runs on" +
      " both: what is saved on one of them will have to be given up.",
    fires: [
      {
        when: "both are active and serve",
        series: {
          [active(onPrimary)]: "1x40",
          [serving(onPrimary)]: "1x40",
          [active(onSecondary)]: "0x3 1x9 0x9",
          [serving(onSecondary)]: "1x40",
        },
        since: 60,
        until: 210,
        labels: { pair: "shop" },
      },
    ],
    staysQuiet: [
      {
        when: "the one that believes to be active has stopped its managed system",
        series: {
          [active(onPrimary)]: "1x40",
          [serving(onPrimary)]: "0x40",
          [active(onSecondary)]: "1x40",
          [serving(onSecondary)]: "1x40",
        },
        at: [15, 600],
      },
    ],
  },
  {
    code: "NoActive",
    // Only when both speak: of a server that does not answer nobody can say that it is not active.
    expression: "sum by (pair) (sparesync_active) == 0 and count by (pair) (sparesync_active) > 1",
    summary: "Neither server is the active one.",
    description:
      "Both servers of the pair {{ $labels.pair }} answer, and neither owns the name: the managed system runs nowhere.",
    fires: [
      {
        when: "none is active for two minutes",
        series: { [active(onPrimary)]: "1x3 0x20 1x9", [active(onSecondary)]: "0x40" },
        since: 60,
        until: 375,
        labels: { pair: "shop" },
      },
    ],
    staysQuiet: [
      {
        when: "only one of them answers",
        series: { [active(onPrimary)]: "1x3 stale", [active(onSecondary)]: "0x40" },
        at: [120, 600],
      },
    ],
  },
  {
    code: "FencingImpossible",
    expression: "sparesync_managed_system_serving == 1 and on (job, instance) sparesync_active == 0",
    summary: "A server that does not own the name still serves.",
    description:
      "On the {{ $labels.side }} server of the pair {{ $labels.pair }} the managed system runs, or it cannot be told" +
      " whether it does, although the other server owns the name. SpareSync could not stop it.",
    fires: [
      {
        when: "it has run for two minutes without owning the name",
        series: { [serving(onPrimary)]: "1x40", [active(onPrimary)]: "1x3 0x20 1x9" },
        since: 60,
        until: 375,
        labels: primaryLabels,
      },
    ],
    staysQuiet: [
      {
        when: "it stops in time, and the owner serves",
        series: {
          [serving(onPrimary)]: "1x10 0x30",
          [active(onPrimary)]: "1x3 0x40",
          [serving(onSecondary)]: "1x40",
          [active(onSecondary)]: "1x40",
        },
        at: [150, 180, 300],
      },
    ],
  },
  {
    code: "NotReady",
    expression:
      `sparesync_switchover_blocked{reason!~"${leftOut.join("|")}"} == 1` +
      ' and on (job, instance) sparesync_switchover_blocked{reason="is-standby"} == 0',
    summary: "The spare could not take over now.",
    description:
      "If the active server of the pair {{ $labels.pair }} were lost now, the {{ $labels.side }} server would not take over" +
      " by itself. The criterion that is not met: {{ $labels.reason }}.",
    fires: [
      {
        when: "a criterion that has nothing to do with an outage is not met for ten minutes",
        series: {
          [blocked("is-standby")]: "0x99",
          [blocked("data-complete")]: "0x3 1x60 0x9",
          [blocked("asked")]: "1x99",
        },
        since: 60,
        until: 975,
        labels: { ...secondaryLabels, reason: "data-complete" },
      },
    ],
    staysQuiet: [
      {
        when: "there is no outage, nobody has asked, it is paused, and the active server is no spare",
        series: {
          [blocked("is-standby")]: "0x99",
          ...Object.fromEntries(leftOut.map((reason) => [blocked(reason), "1x99"])),
          [blocked("is-standby", onPrimary)]: "1x99",
          [blocked("data-complete", onPrimary)]: "1x99",
        },
        at: [600, 1200],
      },
    ],
  },
  {
    code: "NoSpare",
    expression: 'max by (pair) (sparesync_state{state="switched"}) == 1',
    summary: "The pair has run on the secondary for a day.",
    description:
      "The managed system of the pair {{ $labels.pair }} runs on the secondary. Nothing takes over from it by itself, and" +
      " nothing goes back by itself.",
    testStepSeconds: hour,
    fires: [
      {
        when: "it has been switched for a day",
        series: { [`sparesync_state{state="switched",${onSecondary}}`]: "0x3 1x30" },
        since: 4 * hour,
        labels: { pair: "shop" },
      },
    ],
    staysQuiet: [
      {
        when: "it was brought back within the day",
        series: { [`sparesync_state{state="switched",${onSecondary}}`]: "1x23 0x9" },
        at: [day - hour, day],
      },
    ],
  },
  {
    code: "PausedTooLong",
    expression: 'min by (pair) (sparesync_enabled) == 0 or max by (pair) (sparesync_maintenance{kind="pause"}) == 1',
    summary: "SpareSync has been turned off or paused for a day.",
    description:
      "The pair {{ $labels.pair }} has been without automatic switching for a day. If its active server is lost, nothing" +
      " takes over.",
    testStepSeconds: hour,
    fires: [
      {
        when: "it has been turned off for a day",
        series: { [enabled(onPrimary)]: "1x3 0x30", [enabled(onSecondary)]: "1x40" },
        since: 4 * hour,
        labels: { pair: "shop" },
      },
      {
        when: "it has been paused for a day",
        series: { [enabled(onPrimary)]: "1x40", [paused(onPrimary)]: "0x40", [paused(onSecondary)]: "0x3 1x30" },
        since: 4 * hour,
        labels: { pair: "shop" },
      },
    ],
    staysQuiet: [
      {
        when: "it is in a service interval",
        series: {
          [enabled(onPrimary)]: "1x40",
          [`sparesync_maintenance{kind="service-interval",${onPrimary}}`]: "1x40",
          [paused(onPrimary)]: "0x40",
        },
        at: [day, day + hour],
      },
      {
        when: "it was turned on again within the day",
        series: { [enabled(onPrimary)]: "0x23 1x9", [enabled(onSecondary)]: "1x40" },
        at: [day - hour, day],
      },
    ],
  },
  {
    code: "DrillOverdue",
    expression: `time() - max by (pair) (sparesync_drill_last_success_timestamp_seconds) > ${35 * day}`,
    summary: "No drill has succeeded for 35 days.",
    description:
      "The last drill of the pair {{ $labels.pair }} that succeeded was {{ $value | humanizeDuration }} ago, so it is not" +
      " proven that the spare would work.",
    testStepSeconds: day,
    fires: [
      {
        when: "the last success is more than 35 days old",
        series: { [`sparesync_drill_last_success_timestamp_seconds{${onSecondary}}`]: "0x40" },
        since: 36 * day,
        labels: { pair: "shop" },
        value: "37d 0h 0m 0s",
      },
    ],
    staysQuiet: [
      {
        when: "it is exactly 35 days old, or the other server has made one since",
        series: {
          [`sparesync_drill_last_success_timestamp_seconds{${onPrimary}}`]: "-9999999x9",
          [`sparesync_drill_last_success_timestamp_seconds{${onSecondary}}`]: `-${35 * day}+${day}x9`,
        },
        at: [day, 5 * day],
      },
    ],
  },
  {
    code: "WebhookFailing",
    expression: refusedPosts(0),
    expressionOfDelay: refusedPosts,
    summary: "Posts of Alertmanager are not taken.",
    description:
      "The {{ $labels.side }} server of the pair {{ $labels.pair }} has lately not taken posts to its webhook" +
      " ({{ $labels.outcome }}). Alertmanager could not ask it for a failover.",
    fires: [
      {
        when: "a post is refused",
        series: { [`sparesync_webhook_alerts_total{outcome="unauthenticated",${onPrimary}}`]: "0x3 1x99" },
        since: 60,
        until: 1200,
        labels: { pair: "shop", side: "primary", outcome: "unauthenticated" },
      },
    ],
    staysQuiet: [
      {
        when: "alerts are taken, and refusals are long ago",
        series: {
          [`sparesync_webhook_alerts_total{outcome="accepted",${onPrimary}}`]: "0+1x99",
          [`sparesync_webhook_alerts_total{outcome="failed",${onPrimary}}`]: "7x99",
        },
        at: [600, 1200],
      },
    ],
  },
  {
    code: "Watchdog",
    expression: "vector(1) > 0",
    summary: "Alerts arrive.",
    description:
      "Fires always. Let something outside tell you when it stops arriving: then Prometheus or Alertmanager does not work.",
    fires: [{ when: "always", series: { [`up{${onPrimary}}`]: "1x9" }, since: 0, labels: {} }],
    staysQuiet: [],
  },
];

/** Posts that were not taken in the last quarter of an hour before its delay began. */
function refusedPosts(waitsSeconds: number): string {
  const window = prometheusDuration(15 * 60 + waitsSeconds);
  return (
    "sum by (pair, side, outcome)" +
    ` (increase(sparesync_webhook_alerts_total{outcome=~"unauthenticated|oversized|malformed|failed"}[${window}])) > 0`
  );
}
