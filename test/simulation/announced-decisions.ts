import type { DecisionRecord } from "../../actor/core/decision-record.js";
import type { DecisionLogPort } from "../../actor/decision-log.js";
import { rememberDecisions } from "../support/remember-decisions.js";

/** A log of decisions in memory; tells of a decision to fail over before it is acted on. */
export function announceDecisions(decided: DecisionRecord[], onFailOver: () => void): DecisionLogPort {
  const log = rememberDecisions(decided);
  return {
    ...log,
    append: (record) => {
      if (record.decision === "fail-over") onFailOver();
      return log.append(record);
    },
  };
}
