import { type AlertDefinition, onPrimary, onSecondary, primaryLabels, secondaryLabels } from "../alert.js";
import { eventAlert } from "../event-alert.js";

const seen = (labels: string): string => `sparesync_managed_system_available{${labels}}`;
const standby = 'from="standby",via="public"';
const online = (labels: string): string => `sparesync_external_resources_available{${labels}}`;

const collected = (collector: string, labels: string): string =>
  `sparesync_scrape_collector_success{collector="${collector}",${labels}}`;

/** Whether users reach the application, and whether that can be seen. */
export const availabilityAlerts: readonly AlertDefinition[] = [
  {
    code: "MainAppInvisible",
    // Only the standby's word counts: the active server's own view hides an outage of its line. A standby that cannot
    // reach the internet sees nothing but its own outage. Of two that think they are the standby, one that sees the
    // application is enough.
    expression:
      `max by (pair) (sparesync_managed_system_available{${standby}}` +
      " and on (job, instance) sparesync_external_resources_available == 1) == 0",
    summary: "The managed system is not available.",
    description:
      "The standby server of the pair {{ $labels.pair }} cannot reach the test page of the active server's managed" +
      " system, while its own connection works. The actors are asked for a failover and decide by all criteria.",
    fires: [
      {
        when: "the standby has not seen it for two minutes",
        series: { [seen(`${standby},${onSecondary}`)]: "1x3 0x20 1x9", [online(onSecondary)]: "1x40" },
        since: 60,
        until: 375,
        labels: { pair: "shop" },
      },
      {
        when: "of two that stand by, the one with a connection does not see it",
        series: {
          [seen(`${standby},${onPrimary}`)]: "0x30",
          [online(onPrimary)]: "0x30",
          [seen(`${standby},${onSecondary}`)]: "0x30",
          [online(onSecondary)]: "1x30",
        },
        since: 0,
        labels: { pair: "shop" },
      },
    ],
    staysQuiet: [
      {
        when: "one good probe in between starts the time anew",
        series: { [seen(`${standby},${onSecondary}`)]: "0x6 1 0x7 1x9", [online(onSecondary)]: "1x30" },
        at: [120, 150, 210, 225],
      },
      {
        when: "the standby's own connection is down, and only the active server sees nothing",
        series: {
          [seen(`${standby},${onSecondary}`)]: "0x30",
          [online(onSecondary)]: "0x30",
          [seen(`from="active",via="local",${onPrimary}`)]: "0x30",
          [seen(`from="active",via="public",${onPrimary}`)]: "0x30",
          [online(onPrimary)]: "1x30",
        },
        at: [420],
      },
      {
        when: "of two that stand by, one sees it",
        series: {
          [seen(`${standby},${onPrimary}`)]: "0x30",
          [online(onPrimary)]: "1x30",
          [seen(`${standby},${onSecondary}`)]: "1x30",
          [online(onSecondary)]: "1x30",
        },
        at: [420],
      },
    ],
  },
  eventAlert(
    "MainAppVisible",
    "The managed system became available.",
    "The standby server of the pair {{ $labels.pair }} sees the managed system again.",
  ),
  {
    code: "ExternalResourcesInvisible",
    expression: "sparesync_external_resources_available == 0",
    summary: "The external resources are not available.",
    description:
      "The {{ $labels.side }} server of the pair {{ $labels.pair }} reaches fewer external resources than it must, so it" +
      " cannot tell an outage of the other server from one of its own line. It takes over nothing meanwhile.",
    fires: [
      {
        when: "they are away for a minute",
        series: { [online(onPrimary)]: "1x99", [online(onSecondary)]: "1x3 0x9 1x9" },
        since: 60,
        until: 210,
        labels: secondaryLabels,
      },
    ],
    staysQuiet: [
      {
        when: "they are back a moment before the minute is over",
        series: { [online(onSecondary)]: "1x3 0x3 1x20" },
        at: [105, 120, 135],
      },
    ],
  },
  {
    code: "ManagedSystemNotWatched",
    // An alert on a value of 0 is silent when the series is gone; this one is not.
    expression:
      "(group by (pair) (sparesync_build_info) unless on (pair)" +
      ` sparesync_managed_system_available{${standby}}) == 1`,
    summary: "No standby looks at the managed system.",
    description:
      "No exporter of the pair {{ $labels.pair }} delivers the standby's view of the managed system: the exporter of the" +
      " standby is down, or it does not know which server is active. An outage would not be noticed from outside.",
    fires: [
      {
        when: "the standby's view is gone for ten minutes",
        series: {
          [`sparesync_build_info{${onPrimary}}`]: "1x99",
          [seen(`${standby},${onSecondary}`)]: "1x3 stale",
          [seen(`from="active",via="public",${onPrimary}`)]: "1x99",
        },
        since: 60,
        labels: { pair: "shop" },
      },
    ],
    staysQuiet: [
      {
        when: "the standby sees an outage, which is another alert",
        series: { [`sparesync_build_info{${onPrimary}}`]: "1x99", [seen(`${standby},${onSecondary}`)]: "0x99" },
        at: [600, 1200],
      },
    ],
  },
  {
    code: "ExporterDown",
    // Both labels are set by our scrape configuration only, whatever the job is called.
    expression: 'up{pair!="",side!=""} == 0',
    summary: "The exporter cannot be scraped.",
    description:
      "Prometheus gets no answer from the exporter of the {{ $labels.side }} server of the pair {{ $labels.pair }}" +
      " ({{ $labels.instance }}). No alert can say anything about that server.",
    fires: [
      {
        when: "it has not answered for a minute",
        series: { [`up{${onPrimary}}`]: "1x3 0x9 1x9", [`up{${onSecondary}}`]: "1x99" },
        since: 60,
        until: 210,
        labels: primaryLabels,
      },
    ],
    staysQuiet: [
      {
        when: "it is the target of somebody else that does not answer",
        series: { 'up{job="node",instance="c"}': "0x40", [`up{${onPrimary}}`]: "0x3 1x40" },
        at: [60, 120, 600],
      },
    ],
  },
  {
    code: "CollectorFailing",
    // Without an answer of the actor "status" fails, which is another alert.
    expression: 'sparesync_scrape_collector_success{collector!="status"} == 0',
    summary: "A part of the metrics is missing.",
    description:
      "The exporter of the {{ $labels.side }} server of the pair {{ $labels.pair }} cannot collect" +
      " {{ $labels.collector }}: what the alerts on those metrics watch is not watched.",
    fires: [
      {
        when: "a collector has failed for ten minutes",
        series: {
          [collected("certificates", onPrimary)]: "1x3 0x60 1x9",
          [collected("certificates", onSecondary)]: "1x99",
          [collected("peer", onPrimary)]: "1x99",
        },
        since: 60,
        until: 975,
        labels: { ...primaryLabels, collector: "certificates" },
      },
    ],
    staysQuiet: [
      {
        when: "the actor does not answer, or it works again a moment before ten minutes are over",
        series: { [collected("status", onPrimary)]: "0x99", [collected("peer", onPrimary)]: "1x3 0x39 1x40" },
        at: [645, 660, 1200],
      },
    ],
  },
];
