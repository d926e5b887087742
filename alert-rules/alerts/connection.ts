import { type AlertDefinition, onPrimary, onSecondary, primaryLabels, secondaryLabels } from "../alert.js";

const onBoth = (name: string, primary: string, secondary: string) => ({
  [`${name}{${onPrimary}}`]: primary,
  [`${name}{${onSecondary}}`]: secondary,
});

/** Whether the programs of both servers run and hear each other. */
export const connectionAlerts: readonly AlertDefinition[] = [
  {
    code: "MissingConnection",
    expression: "sparesync_peer_connected == 0",
    summary: "The servers have lost contact with each other.",
    description:
      "The {{ $labels.side }} server of the pair {{ $labels.pair }} does not hear the other one. Nothing is" +
      " synchronised meanwhile, so what a failover would lose grows.",
    fires: [
      {
        when: "a server has not heard the other for a minute",
        series: onBoth("sparesync_peer_connected", "1x3 0x20 1x9", "1x40"),
        since: 60,
        until: 375,
        labels: primaryLabels,
      },
    ],
    staysQuiet: [
      {
        when: "the interruption is shorter than a minute",
        series: onBoth("sparesync_peer_connected", "1x5 0x3 1x20", "1x40"),
        at: [135, 150, 360],
      },
    ],
  },
  {
    code: "OtherStoppedNotify",
    expression: "sparesync_peer_stopped == 1",
    summary: "The other SpareSync was shut down.",
    description:
      "The {{ $labels.side }} server of the pair {{ $labels.pair }} was told by the other one that it stops. Nothing is" +
      " synchronised and nothing will be switched until it is started again.",
    fires: [
      {
        when: "it stays shut down for a minute",
        series: onBoth("sparesync_peer_stopped", "0x40", "0x3 1x20 0x9"),
        since: 60,
        until: 375,
        labels: secondaryLabels,
      },
    ],
    staysQuiet: [
      {
        when: "it was only started again",
        series: onBoth("sparesync_peer_stopped", "0x40", "0x3 1x3 0x30"),
        at: [105, 120, 600],
      },
    ],
  },
  {
    code: "HttpServerNotStarted",
    expression: "sparesync_admin_listening == 0",
    summary: "The listener for operators and Alertmanager did not start.",
    description:
      "The actor of the {{ $labels.side }} server of the pair {{ $labels.pair }} cannot open its admin listener. SpareSync" +
      " works, but operators and Alertmanager do not reach it there.",
    fires: [
      {
        when: "the listener is not open",
        series: onBoth("sparesync_admin_listening", "1x3 0x9 1x9", "1x40"),
        since: 60,
        until: 210,
        labels: primaryLabels,
      },
    ],
    staysQuiet: [
      {
        when: "both listeners are open",
        series: onBoth("sparesync_admin_listening", "1x40", "1x40"),
        at: [0, 600],
      },
    ],
  },
  {
    code: "LinkServerNotStarted",
    expression: "sparesync_link_listening == 0",
    summary: "The listener for the other server did not start.",
    description:
      "The actor of the {{ $labels.side }} server of the pair {{ $labels.pair }} cannot open the listener of the link." +
      " The servers cannot work together.",
    fires: [
      {
        when: "the listener is not open",
        series: onBoth("sparesync_link_listening", "1x40", "1x3 0x9 1x9"),
        since: 60,
        until: 210,
        labels: secondaryLabels,
      },
    ],
    staysQuiet: [
      { when: "both listeners are open", series: onBoth("sparesync_link_listening", "1x40", "1x40"), at: [0, 600] },
    ],
  },
  {
    code: "ActorDown",
    expression: "sparesync_actor_up == 0",
    summary: "The actor does not answer.",
    description:
      "The exporter of the {{ $labels.side }} server of the pair {{ $labels.pair }} gets no answer from its actor: it is" +
      " dead, hung or stopped. Nothing is synchronised, and this server takes over nothing.",
    fires: [
      {
        when: "it has not answered for a minute",
        series: onBoth("sparesync_actor_up", "1x40", "1x3 0x20 1x9"),
        since: 60,
        until: 375,
        labels: secondaryLabels,
      },
    ],
    staysQuiet: [
      {
        when: "it was started again",
        series: onBoth("sparesync_actor_up", "1x40", "1x3 0x3 1x20"),
        at: [105, 120, 300],
      },
    ],
  },
  {
    code: "GuardDown",
    expression: "sparesync_guard_up == 0 and on (job, instance) sparesync_guard_wanted == 1",
    summary: "The guard process does not run.",
    description:
      "No guard runs beside the actor of the {{ $labels.side }} server of the pair {{ $labels.pair }}. When the actor is" +
      " killed or hangs, nothing stops the managed system there: two active servers are excluded by assumption only.",
    fires: [
      {
        when: "it is wanted and has not run for a minute",
        series: {
          ...onBoth("sparesync_guard_up", "1x3 0x20 1x9", "1x40"),
          ...onBoth("sparesync_guard_wanted", "1x40", "1x40"),
        },
        since: 60,
        until: 375,
        labels: primaryLabels,
      },
    ],
    staysQuiet: [
      {
        when: "the settings want none",
        series: {
          ...onBoth("sparesync_guard_up", "0x40", "0x40"),
          ...onBoth("sparesync_guard_wanted", "0x40", "0x40"),
        },
        at: [60, 600],
      },
    ],
  },
  {
    code: "WitnessUnreachable",
    expression: "sparesync_witness_up == 0 and on (job, instance) sparesync_witness_wanted == 1",
    summary: "The witness does not answer as it should.",
    description:
      "The {{ $labels.side }} server of the pair {{ $labels.pair }} cannot use the witness at the third site. While the" +
      " standby cannot, no failover begins by itself.",
    fires: [
      {
        when: "it is wanted and has not answered for two minutes",
        series: {
          ...onBoth("sparesync_witness_up", "1x40", "1x3 0x20 1x9"),
          ...onBoth("sparesync_witness_wanted", "1x40", "1x40"),
        },
        since: 60,
        until: 375,
        labels: secondaryLabels,
      },
    ],
    staysQuiet: [
      {
        when: "there is to be none",
        series: {
          ...onBoth("sparesync_witness_up", "0x40", "0x40"),
          ...onBoth("sparesync_witness_wanted", "0x40", "0x40"),
        },
        at: [120, 600],
      },
      {
        when: "it answers again a moment before two minutes are over",
        series: {
          ...onBoth("sparesync_witness_up", "1x3 0x7 1x40", "1x40"),
          ...onBoth("sparesync_witness_wanted", "1x40", "1x40"),
        },
        at: [165, 180, 600],
      },
    ],
  },
  {
    code: "SettingsDiffer",
    expression: "count by (pair) (count by (pair, hash) (sparesync_config_info)) > 1",
    summary: "The two servers work with different settings.",
    description:
      "The pair-wide settings of the two servers of the pair {{ $labels.pair }} are not the same. What one of them counts" +
      " on may not hold at the other.",
    fires: [
      {
        when: "two hashes are in use for five minutes",
        series: {
          [`sparesync_config_info{hash="1",${onPrimary}}`]: "1x99",
          [`sparesync_config_info{hash="1",${onSecondary}}`]: "1x3 stale",
          [`sparesync_config_info{hash="2",${onSecondary}}`]: "_x4 1x60",
        },
        since: 60,
        labels: { pair: "shop" },
      },
    ],
    staysQuiet: [
      {
        when: "both have the same, and another pair has others",
        series: {
          [`sparesync_config_info{hash="1",${onPrimary}}`]: "1x99",
          [`sparesync_config_info{hash="1",${onSecondary}}`]: "1x99",
          'sparesync_config_info{hash="2",pair="mail",side="primary",job="sparesync",instance="c"}': "1x99",
        },
        at: [300, 1200],
      },
    ],
  },
  {
    code: "ClockOffset",
    expression: "abs(sparesync_peer_clock_offset_seconds) > 10",
    summary: "The clocks of the two servers are apart.",
    description:
      "Seen from the {{ $labels.side }} server of the pair {{ $labels.pair }} the other server's clock is wrong by" +
      ' {{ printf "%.0f" $value }} s. With too large an offset SpareSync refuses to work.',
    fires: [
      {
        when: "the other clock is behind by more than ten seconds for five minutes",
        series: onBoth("sparesync_peer_clock_offset_seconds", "0x99", "0x3 -11x40 0x9"),
        since: 60,
        until: 675,
        labels: secondaryLabels,
        value: "11",
      },
    ],
    staysQuiet: [
      {
        when: "they are exactly ten seconds apart",
        series: onBoth("sparesync_peer_clock_offset_seconds", "10x99", "-10x99"),
        at: [300, 1200],
      },
    ],
  },
  {
    code: "CertificateExpiry",
    expression: "sparesync_tls_certificate_not_after_timestamp_seconds - time() < 1209600",
    summary: "A certificate ends within two weeks.",
    description:
      "The certificate {{ $labels.certificate }} that the {{ $labels.side }} server of the pair {{ $labels.pair }} uses" +
      " ends in {{ $value | humanizeDuration }}.",
    testStepSeconds: 300,
    fires: [
      {
        when: "less than two weeks are left, for an hour",
        series: {
          [`sparesync_tls_certificate_not_after_timestamp_seconds{certificate="peer",${onPrimary}}`]: "1210200x40",
        },
        since: 900,
        labels: { ...primaryLabels, certificate: "peer" },
        value: "13d 22h 55m 0s",
      },
    ],
    staysQuiet: [
      {
        when: "exactly two weeks are left",
        series: {
          [`sparesync_tls_certificate_not_after_timestamp_seconds{certificate="peer",${onPrimary}}`]: "1209600+300x40",
        },
        at: [3600, 9000],
      },
    ],
  },
];
