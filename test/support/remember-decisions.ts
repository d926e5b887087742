import type { DecisionRecord } from "../../actor/core/decision-record.js";
import type { DecisionLogPort } from "../../actor/decision-log.js";

/** A log of decisions in memory. */
export function rememberDecisions(decided: DecisionRecord[]): DecisionLogPort {
  return {
    append: (record) => Promise.resolve(void decided.push(record)),
    list: (limit) => Promise.resolve(decided.toReversed().slice(0, limit)),
  };
}
