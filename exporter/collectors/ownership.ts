import { type Sample, sample, seconds } from "../../shared/core/metric-catalogue.js";
import type { ActorStatus } from "../../shared/core/status.js";
import { statusCollector } from "../collector.js";

/** Who may serve, and how certain that is. */
export const ownership = statusCollector("ownership", (status) => [
  sample("sparesync_actor_start_timestamp_seconds", seconds(status.startedAtMs)),
  sample("sparesync_config_info", 1, { hash: status.settingsHash }),
  // The actor reads its settings once, when it starts.
  sample("sparesync_config_last_load_timestamp_seconds", seconds(status.startedAtMs)),
  sample("sparesync_enabled", status.isEnabled),
  ...(status.state === "turned_off"
    ? [sample("sparesync_turned_off_info", 1, { because: shown(status.because) })]
    : []),
  ...lastTurnedOffSamples(status),
  sample("sparesync_active", status.active === status.server),
  sample("sparesync_epoch", status.epoch),
  sample("sparesync_fenced", status.isFenced),
  sample("sparesync_managed_system_serving", status.managedSystem.isServing),
  ...(["proof", "assumption", "none"] as const).map((kind) =>
    sample("sparesync_exclusion", kind === status.exclusion.kind, { kind }),
  ),
  sample("sparesync_guard_wanted", status.guard.isWanted),
  sample("sparesync_guard_up", status.guard.isRunning),
  sample("sparesync_witness_wanted", status.witness !== undefined),
  sample("sparesync_witness_up", status.witness?.isAnswering ?? false),
  sample(
    "sparesync_ownership_confirmed_timestamp_seconds",
    status.confirmation.source === "" ? 0 : seconds(status.wallMs) - status.confirmation.ageSeconds,
  ),
  sample("sparesync_configuration_errors", status.configurationErrors.length),
  ...status.configurationErrors.map(({ reason }) => sample("sparesync_configuration_error", 1, { reason })),
]);

/** Stays when it is turned on again: people look back. */
function lastTurnedOffSamples({ lastTurnedOff }: ActorStatus): readonly Sample[] {
  return [
    ...(lastTurnedOff ? [sample("sparesync_last_turned_off_info", 1, { because: shown(lastTurnedOff.because) })] : []),
    sample("sparesync_last_turned_off_timestamp_seconds", seconds(lastTurnedOff?.atMs ?? 0)),
    sample("sparesync_last_turned_off_checked", lastTurnedOff?.isChecked ?? false),
  ];
}

/** A person's sentence as a label: on one line, and not for ever. */
function shown(sentence: string): string {
  return sentence.replace(/\s+/g, " ").slice(0, 200);
}
