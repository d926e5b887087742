import { z } from "zod";
import { serverName } from "../../shared/core/server-name.js";
import { stateNames } from "../../shared/core/states.js";
import { decisionView } from "../../shared/core/status.js";
import { vantageWord } from "../../shared/core/vantage.js";
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
  probesFailed: z.number(),
  didLastProbeFail: z.boolean(),
  unavailableSeconds: age,
  isPeerConnected: z.boolean(),
  peerSaysDown: z.boolean(),
  hasPeerAnnouncedStop: z.boolean(),
  peerLastState: z.enum(stateNames).optional(),
  peerSilentSeconds: age,
  askedBy: z.array(z.enum(["watch", "alertmanager", "operator"])),
  vantages: z.array(vantageWord.omit({ because: true })),
  pauseSecondsLeft: z.number(),
  pauseBecause: z.string(),
  serviceInterval: z.string(),
  serviceIntervalSecondsLeft: z.number(),
  areExternalResourcesAvailable: z.boolean(),
  externalResourcesAvailableSeconds: age,
  isDataComplete: z.boolean(),
  recoveryPointSeconds: age,
  exclusion: z.enum(["proof", "assumption", "none"]),
  witness: z.enum(["none", "free", "held", "unknown"]).default("none"),
  isUpdateServerReachable: z.boolean(),
  isRecordAsExpected: z.boolean(),
  secondsSinceUncheckedFailover: age,
  isOperationRunning: z.boolean(),
  hasPromisedNotToClaim: z.boolean(),
  notLookedAt: z.array(z.string()),
  peerClockOffsetSeconds: z.number(),
  clockStepSeconds: z.number(),
  secondsSinceClockStep: age,
});

const failoverLimits = z.object({
  allowedUnavailabilitySeconds: z.number(),
  probesConsidered: z.number(),
  probesFailed: z.number(),
  whenConnected: z.boolean(),
  whenPeerStopped: z.boolean(),
  acceptAssumption: z.boolean(),
  acceptSingleVantage: z.boolean(),
  externalResourcesRecoverySeconds: z.number(),
  maximumRecoveryPointSeconds: z.number(),
  blockSeconds: z.number(),
  maximumClockOffsetSeconds: z.number(),
});

/** A decision with everything it was made from, so that it can be made again elsewhere: the answer to "why not?". */
export const decisionRecord = decisionView.extend({
  id: z.string(),
  /** Decided where `failover.observeOnly` is set: nothing came of it. */
  isObservedOnly: z.boolean().default(false),
  facts: failoverFacts,
  limits: failoverLimits,
});
export type DecisionRecord = z.output<typeof decisionRecord>;

/** The record of a decision that was just made; its JSON form is what `decisionRecord` reads. */
export function recordDecision(
  made: Pick<DecisionRecord, "id" | "decidedAtMs" | "isObservedOnly">,
  decision: FailoverDecision,
  facts: FailoverFacts,
  limits: FailoverLimits,
): DecisionRecord {
  return {
    ...made,
    decision: decision.decision,
    because: decision.because,
    criteria: [...decision.criteria],
    facts: {
      ...facts,
      askedBy: [...facts.askedBy],
      vantages: facts.vantages.map((vantage) => ({ ...vantage })),
      notLookedAt: [...facts.notLookedAt],
    },
    limits: { ...limits },
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
