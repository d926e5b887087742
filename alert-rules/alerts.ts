import type { MessageCode } from "../shared/core/message-catalogue.js";

export interface Alert {
  readonly code: MessageCode;
  /** PromQL with a comparison; one result per pair or server that has the problem. */
  readonly expression: string;
  /** A fixed sentence: receivers group by it. */
  readonly summary: string;
  /** A template of Prometheus with the values that matter. */
  readonly description: string;
}

/** The messages that have an alert rule. Delay, repeat and severity come from the message catalogue. */
export const alerts = [
  {
    code: "MainAppInvisible",
    // Only the standby's word counts: the active server's own view hides an outage of its line. A standby that cannot
    // reach the internet sees nothing but its own outage. Of two that think they are the standby, one that sees the
    // application is enough.
    expression:
      'max by (pair) (sparesync_managed_system_available{from="standby",via="public"}' +
      " and on (job, instance) sparesync_external_resources_available == 1) == 0",
    summary: "The managed system is not available.",
    description:
      "The standby server of the pair {{ $labels.pair }} cannot reach the test page of the active server's managed" +
      " system, while its own connection works. The actors are asked for a failover and decide by all criteria.",
  },
  {
    code: "MissingConnection",
    expression: "sparesync_peer_connected == 0",
    summary: "The servers have lost contact with each other.",
    description:
      "The {{ $labels.side }} server of the pair {{ $labels.pair }} does not hear the other one. Nothing is" +
      " synchronised meanwhile, so what a failover would lose grows.",
  },
] as const satisfies readonly Alert[];
