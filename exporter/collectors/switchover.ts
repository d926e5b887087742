import { vantageWords } from "../../shared/core/vantage.js";
import { type Sample, sample, seconds } from "../../shared/core/metric-catalogue.js";
import { statusCollector } from "../collector.js";

const decisions = ["stay", "ask-the-operator", "fail-over"] as const;

/** The last decision about an automatic failover with every criterion it weighed. */
export const switchover = statusCollector("switchover", ({ decision, counters, vantages }, { failover }) => [
  ...decisions.map((name) => sample("sparesync_switchover_decision", decision?.decision === name, { decision: name })),
  sample("sparesync_switchover_decided_timestamp_seconds", seconds(decision?.decidedAtMs ?? 0)),
  sample("sparesync_switchover_observe_only", failover.observeOnly),
  sample("sparesync_switchover_observed_total", counters["failovers_observed"] ?? 0),
  ...(vantages?.words ?? []).flatMap(({ name, says }) =>
    vantageWords.map((word) => sample("sparesync_vantage_word", says === word, { vantage: name, word })),
  ),
  ...(decision?.criteria ?? []).flatMap(({ name, met }): Sample[] => [
    sample("sparesync_switchover_criterion_met", met, { criterion: name }),
    sample("sparesync_switchover_blocked", !met, { reason: name }),
  ]),
]);
