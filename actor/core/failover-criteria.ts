import { lossCriteria } from "./loss-criteria.js";
import { peerCriteria } from "./peer-criteria.js";
import { permissionCriteria } from "./permission-criteria.js";
import { readinessCriteria } from "./readiness-criteria.js";
import type { Criterion, FailoverFacts, FailoverLimits } from "./failover-facts.js";

export type { FailoverFacts, FailoverLimits } from "./failover-facts.js";

/** All criteria, in the order in which pages and metrics show them. */
export const failoverCriteria = [
  ...lossCriteria,
  ...permissionCriteria,
  ...peerCriteria,
  ...readinessCriteria,
] as const satisfies readonly Criterion[];

export type CriterionName = (typeof failoverCriteria)[number]["name"];

export interface FailoverDecision {
  readonly decision: "stay" | "ask-the-operator" | "fail-over";
  readonly because: string;
  readonly criteria: readonly { readonly name: CriterionName; readonly met: boolean; readonly because: string }[];
}

/** Decides; never acts. Every criterion is evaluated, so the answer names all that are unmet. */
export function decideFailover(facts: FailoverFacts, limits: FailoverLimits): FailoverDecision {
  const criteria = failoverCriteria.map((criterion) => ({
    name: criterion.name,
    otherwise: criterion.otherwise,
    met: criterion.isMet(facts, limits),
    because: criterion.because(facts, limits),
  }));
  const unmet = criteria.filter((criterion) => !criterion.met);
  const list = criteria.map(({ name, met, because }) => ({ name, met, because }));
  if (unmet.length === 0) return { decision: "fail-over", because: "all criteria are met", criteria: list };
  const because = unmet.map((criterion) => criterion.because).join("; ");
  const stays = unmet.some((criterion) => criterion.otherwise === "stay");
  return { decision: stays ? "stay" : "ask-the-operator", because, criteria: list };
}
