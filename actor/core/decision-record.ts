import { z } from "zod";
import { serverName } from "../../shared/core/server-name.js";
import { stateNames } from "../../shared/core/states.js";
import { decisionView } from "../../shared/core/status.js";
import { decideFailover, type FailoverDecision, type FailoverFacts, type FailoverLimits } from "./failover-criteria.js";

/** JSON has no Infinity: null is an age that never began. */
const age = z
  .number()
  .nullable()
  .transform((seconds) => seconds ?? Infinity);

const failoverFacts = z.object({
  server: serverName,
  active: serverName.optional(),
  isAutomatic: z.boolean(),
  ownState: z.enum(stateNames),
  unavailableSeconds: age,
  isPeerConnected: z.boolean(),
  peerSaysDown: z.boolean(),
  hasPeerAnnouncedStop: z.boolean(),
  peerLastState: z.enum(stateNames).optional(),
  peerSilentSeconds: age,
  askedBy: z.array(z.enum(["watch", "alertmanager", "operator"])),
  pauseSecondsLeft: z.number().default(0),
  pauseBecause: z.string().default(""),
  serviceInterval: z.string().default(""),
  serviceIntervalSecondsLeft: z.number().default(0),
  areExternalResourcesAvailable: z.boolean(),
  isDataComplete: z.boolean(),
  recoveryPointSeconds: age,
  exclusion: z.enum(["proof", "assumption", "none"]),
  isUpdateServerReachable: z.boolean(),
  isRecordAsExpected: z.boolean(),
  secondsSinceUncheckedFailover: age,
  isOperationRunning: z.boolean(),
  hasPromisedNotToClaim: z.boolean(),
});

const failoverLimits = z.object({
  allowedUnavailabilitySeconds: z.number(),
  whenConnected: z.boolean(),
  acceptAssumption: z.boolean(),
  acceptSingleVantage: z.boolean(),
  maximumRecoveryPointSeconds: z.number(),
  blockSeconds: z.number(),
});

/** A decision with everything it was made from, so that it can be made again elsewhere: the answer to "why not?". */
export const decisionRecord = decisionView.extend({
  id: z.string(),
  facts: failoverFacts,
  limits: failoverLimits,
});
export type DecisionRecord = z.output<typeof decisionRecord>;

/** The record of a decision that was just made; its JSON form is what `decisionRecord` reads. */
export function recordDecision(
  id: string,
  decidedAtMs: number,
  decision: FailoverDecision,
  facts: FailoverFacts,
  limits: FailoverLimits,
): DecisionRecord {
  return {
    id,
    decidedAtMs,
    decision: decision.decision,
    because: decision.because,
    criteria: [...decision.criteria],
    facts: { ...facts, askedBy: [...facts.askedBy] },
    limits: failoverLimits.parse(limits),
  };
}

/** Decides again on what was recorded: the same answer, unless the rules have changed since. */
export function replayDecision(record: DecisionRecord): {
  readonly decision: FailoverDecision;
  readonly isSame: boolean;
} {
  const { facts, limits } = record;
  const { active, peerLastState } = facts;
  const decision = decideFailover({ ...facts, active, peerLastState }, limits);
  const unmet = (criteria: FailoverDecision["criteria"] | DecisionRecord["criteria"]): string =>
    criteria
      .filter(({ met }) => !met)
      .map(({ name }) => name)
      .join();
  const isSame = decision.decision === record.decision && unmet(decision.criteria) === unmet(record.criteria);
  return { decision, isSame };
}
