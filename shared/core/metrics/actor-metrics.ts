import { alertOutcomes, webhookRejections } from "../alert-outcomes.js";
import { criterionNames } from "../criterion-names.js";
import { linkRefusals } from "../link-refusals.js";
import { eventCodes } from "../message-catalogue.js";
import { serverNames } from "../server-name.js";
import { stateNames } from "../states.js";
import { decisionNames, operationKinds } from "../status.js";
import { vantageWords } from "../vantage.js";
import { httpCodes, httpHandlers } from "../http-requests.js";
import { counter, gauge } from "./metric-family.js";

/** How an operation can end, as shown by the time of its last end. */
export const operationResults = ["done", "undone", "asks-a-person"] as const;

/** Where a switchover is; the states of an operation that goes on, and that none does. */
export const switchoverStates = ["idle", "running", "handed-over", "undoing", "asks-a-person"] as const;

/** Who began a switchover: the spare by its own decision, or a person. */
export const switchoverTriggers = ["automatic", "operator"] as const;

export const stateFamilies = {
  sparesync_state: gauge("The state of this server, one of which is 1; unknown while its actor does not answer.", {
    state: stateNames,
  }),
  sparesync_peer_state: gauge("The state of the other server as this one sees it, one of which is 1.", {
    state: stateNames,
  }),
  sparesync_peer_connected: gauge(
    "Whether the actors of both servers are connected; 0 while this one does not answer.",
  ),
} as const;

export const ownershipFamilies = {
  sparesync_actor_start_timestamp_seconds: gauge("When the actor started."),
  sparesync_config_info: gauge("Hash of the settings the actor works with; always 1.", { hash: "any" }),
  sparesync_config_last_load_timestamp_seconds: gauge("When the actor read its settings."),
  sparesync_enabled: gauge("Whether synchronisation and automatic switching are turned on."),
  sparesync_turned_off_info: gauge("Why it is turned off, 1 while it is.", { because: "any" }),
  sparesync_last_turned_off_info: gauge("Why the pair was last turned off; always 1, kept after it was turned on.", {
    because: "any",
  }),
  sparesync_last_turned_off_timestamp_seconds: gauge("When the pair was last turned off, 0 = never."),
  sparesync_last_turned_off_checked: gauge("Whether a person has marked the pair as checked since then."),
  sparesync_active: gauge("Whether this server is the active one by the ownership record it knows."),
  sparesync_epoch: gauge("The epoch of the ownership record this server knows."),
  sparesync_fenced: gauge("Whether this server has made sure that it does not serve."),
  sparesync_managed_system_serving: gauge("Whether the actor sees the managed system of this server run or answer."),
  sparesync_exclusion: gauge("What excludes two active servers, one of which is 1.", {
    kind: ["proof", "assumption", "none"],
  }),
  sparesync_guard_wanted: gauge("Whether a guard process is to run beside the actor, by the settings."),
  sparesync_guard_up: gauge("Whether the actor sees the guard process live beside it."),
  sparesync_witness_wanted: gauge("Whether there is to be a witness, by the settings."),
  sparesync_witness_up: gauge(
    "Whether the witness answers the actor and does what it is asked; 0 also where there is to be none.",
  ),
  sparesync_ownership_confirmed_timestamp_seconds: gauge("When the ownership was last confirmed, 0 = never."),
  sparesync_configuration_errors: gauge("How many configuration errors there are."),
  sparesync_configuration_error: gauge("The configuration errors there are, each with the value 1.", { reason: "any" }),
} as const;

export const peerFamilies = {
  sparesync_peer_stopped: gauge("Whether the other actor announced that it stops."),
  sparesync_peer_last_seen_timestamp_seconds: gauge("When the other actor was last heard, 0 = never."),
  sparesync_peer_round_trip_seconds: gauge("Round trip of the last heartbeat."),
  sparesync_peer_clock_offset_seconds: gauge("How far the other server's clock is ahead of this one."),
  sparesync_admin_listening: gauge("Whether the listener for operators and Alertmanager is open."),
  sparesync_link_listening: gauge("Whether the listener for the other actor is open."),
} as const;

export const dnsFamilies = {
  sparesync_dns_update_server_reachable: gauge("Whether the update server answers the actor."),
  sparesync_dns_last_read_timestamp_seconds: gauge("When the ownership record was last read, 0 = never."),
  sparesync_dns_points_to: gauge("Whether the name has exactly the addresses of this server of the pair.", {
    server: serverNames,
  }),
  sparesync_dns_ttl_seconds: gauge("Time to live of the name's addresses."),
  sparesync_dns_old_answers_until_timestamp_seconds: gauge(
    "Until when resolvers may give the addresses from before the last takeover, 0 = none is known.",
  ),
  sparesync_dns_corrections_total: counter("How often the name was taken back from a host that had registered itself."),
  sparesync_dns_updates_total: counter("Updates sent to the update server."),
  sparesync_dns_update_failures_total: counter("Updates that were refused, lost or not answered."),
} as const;

export const switchoverFamilies = {
  sparesync_switchover_ready: gauge(
    "Whether this server could take over now: of the criteria of a failover nothing is missing but the outage itself.",
  ),
  sparesync_switchover_state: gauge("Where the switchover is, one of which is 1.", { state: switchoverStates }),
  sparesync_switchover_total: counter("Switchovers and failovers that have ended, well or not.", {
    trigger: switchoverTriggers,
  }),
  sparesync_switchover_failures_total: counter("Of these, those that were undone.", {
    trigger: switchoverTriggers,
  }),
  sparesync_switchover_last_duration_seconds: gauge("How long the last one that was done took, 0 = not known.", {
    operation: operationKinds,
  }),
  sparesync_switchover_criterion_met: gauge("Whether the criterion of an automatic failover is met.", {
    criterion: { known: criterionNames },
  }),
  sparesync_switchover_blocked: gauge("Whether the unmet criterion keeps an automatic failover from starting now.", {
    reason: { known: criterionNames },
  }),
  sparesync_switchover_decision: gauge("The last decision, one of which is 1.", {
    decision: decisionNames,
  }),
  sparesync_switchover_observe_only: gauge("Whether the standby only observes: it decides, and does nothing."),
  sparesync_switchover_observed_total: counter("Failovers that would have begun while it only observed."),
  sparesync_vantage_word: gauge("What a configured vantage says of the active server, one of which is 1.", {
    vantage: "any",
    word: vantageWords,
  }),
  sparesync_switchover_decided_timestamp_seconds: gauge("When that was decided, 0 = never."),
  sparesync_operation_running: gauge("Whether the operation is at this step; the step is none while it does not run.", {
    operation: operationKinds,
    step: { known: ["none"] },
  }),
  sparesync_operation_progress_ratio: gauge("How far the running operation is, 0 when none runs."),
  sparesync_operation_last_end_timestamp_seconds: gauge("When an operation last ended like this, 0 = not known.", {
    operation: operationKinds,
    result: operationResults,
  }),
} as const;

export const eventFamilies = {
  sparesync_event_last_timestamp_seconds: gauge("When this last happened, 0 = never; kept over a restart.", {
    event: { known: eventCodes },
  }),
} as const;

export const maintenanceFamilies = {
  sparesync_maintenance: gauge("Whether this keeps an automatic failover from beginning now.", {
    kind: ["pause", "service-interval"],
  }),
  sparesync_pause_start_timestamp_seconds: gauge("When automatic switching was paused, 0 = it is not."),
  sparesync_pause_end_timestamp_seconds: gauge("When the pause of automatic switching ends, 0 = there is none."),
  sparesync_service_interval_end_timestamp_seconds: gauge("When the present service interval ends, 0 = there is none."),
} as const;

export const drillFamilies = {
  sparesync_drill_running: gauge("Whether a drill is held on this server."),
  sparesync_drill_last_end_timestamp_seconds: gauge("When a drill on this server last passed or failed, 0 = never."),
  sparesync_drill_last_success_timestamp_seconds: gauge("When a drill on this server last passed, 0 = never."),
  sparesync_drill_last_passed: gauge("Whether the last drill on this server passed."),
  sparesync_drill_recovery_time_seconds: gauge(
    "From the loss of the active server to the new address: what the last drill that passed measured, and the set waits.",
  ),
  sparesync_drill_recovery_point_seconds: gauge("What would have been lost at the last drill that passed."),
} as const;

export const requestFamilies = {
  sparesync_webhook_alerts_total: counter(
    "What became of alerts that Alertmanager posted, and of posts that were not taken.",
    {
      outcome: { known: [...alertOutcomes, ...webhookRejections] },
    },
  ),
  sparesync_http_requests_total: counter("Requests that the admin listener has answered, by the class of the status.", {
    handler: httpHandlers,
    code: httpCodes,
  }),
  sparesync_auth_failures_total: counter("Requests of operators and Alertmanager without valid credentials."),
  sparesync_link_refused_total: counter("Connections and messages the link refused.", {
    reason: { known: Object.keys(linkRefusals) },
  }),
  sparesync_loop_failures_total: counter("Rounds of the actor's loops that failed unexpectedly.", { loop: "any" }),
} as const;
