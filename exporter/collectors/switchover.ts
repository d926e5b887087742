import { type Sample, sample, seconds } from "../../shared/core/metric-catalogue.js";
import { switchoverStates, switchoverTriggers } from "../../shared/core/metrics/actor-metrics.js";
import { criterionNames } from "../../shared/core/criterion-names.js";
import { outageCriteria } from "../../shared/core/outage-criteria.js";
import { type ActorStatus, decisionNames, operationKinds } from "../../shared/core/status.js";
import { vantageWords } from "../../shared/core/vantage.js";
import { statusCollector } from "../collector.js";

/** Where a switchover is, how the last ones went, and the last decision with every criterion it weighed. */
export const switchover = statusCollector("switchover", (status, { failover }) => [
  ...progressSamples(status),
  ...historySamples(status),
  ...decisionSamples(status),
  ...vantageSamples(status),
  sample("sparesync_switchover_observe_only", failover.observeOnly),
  sample("sparesync_switchover_observed_total", status.counters["failovers_observed"] ?? 0),
]);

function progressSamples({ operation }: ActorStatus): readonly Sample[] {
  const current = operation?.state ?? "idle";
  return switchoverStates.map((state) => sample("sparesync_switchover_state", state === current, { state }));
}

function historySamples({ counters, lastOperations }: ActorStatus): readonly Sample[] {
  return [
    ...switchoverTriggers.flatMap((trigger) => [
      sample("sparesync_switchover_total", counters[`switchovers.${trigger}`] ?? 0, { trigger }),
      sample("sparesync_switchover_failures_total", counters[`switchover_failures.${trigger}`] ?? 0, { trigger }),
    ]),
    ...operationKinds.map((kind) => {
      const done = lastOperations.filter((operation) => operation.kind === kind && operation.state === "done");
      const last = done.reduce((a, b) => (b.endedAtMs > a.endedAtMs ? b : a), { startedAtMs: 0, endedAtMs: 0 });
      const durationMs = Math.max(0, last.endedAtMs - last.startedAtMs);
      return sample("sparesync_switchover_last_duration_seconds", seconds(durationMs), { operation: kind });
    }),
  ];
}

function decisionSamples({ decision, witness }: ActorStatus): readonly Sample[] {
  const criteria = decision?.criteria ?? [];
  const isReady =
    criteria.length > 0 &&
    criteria.every(({ name, met }) => met || outageCriteria.includes(name)) &&
    (witness?.isAnswering ?? true);
  return [
    sample("sparesync_switchover_ready", isReady),
    ...decisionNames.map((name) =>
      sample("sparesync_switchover_decision", decision?.decision === name, { decision: name }),
    ),
    sample("sparesync_switchover_decided_timestamp_seconds", seconds(decision?.decidedAtMs ?? 0)),
    ...criterionSamples(decision?.criteria ?? undecided),
  ];
}

/** Before the first decision nothing is known to be met, and nothing can begin: the series are there all the same. */
const undecided: readonly WeighedCriterion[] = criterionNames.map((name) => ({ name, met: false }));

interface WeighedCriterion {
  readonly name: string;
  readonly met: boolean;
}

function criterionSamples(criteria: readonly WeighedCriterion[]): readonly Sample[] {
  return criteria.flatMap(({ name, met }) => [
    sample("sparesync_switchover_criterion_met", met, { criterion: name }),
    sample("sparesync_switchover_blocked", !met, { reason: name }),
  ]);
}

function vantageSamples({ vantages }: ActorStatus): readonly Sample[] {
  return (vantages?.words ?? []).flatMap(({ name, says }) =>
    vantageWords.map((word) => sample("sparesync_vantage_word", says === word, { vantage: name, word })),
  );
}
