import { isNever } from "../../shared/core/status.js";
import { inSeconds, type Criterion, type FailoverFacts, type FailoverLimits } from "./failover-facts.js";

const witnessSentences: Readonly<Record<FailoverFacts["witness"], string>> = {
  none: "no witness is set",
  free: "the peer does not hold the lease of the witness",
  held: "the peer holds the lease of the witness",
  unknown: "the witness does not say who holds its lease",
};

/** Whether this server can take over, and what that would cost. */
export const readinessCriteria = [
  {
    name: "own-state-working",
    meaning: "this server's state is working or working_with_errors",
    otherwise: "stay",
    isMet: (f) => f.ownState === "working" || f.ownState === "working_with_errors",
    because: (f) => `this server's state is ${f.ownState}`,
  },
  {
    name: "looked-since-waking",
    meaning:
      "since it started, was frozen or slept, this server has read the ownership record, asked the peer and probed the managed system",
    otherwise: "stay",
    isMet: (f) => f.notLookedAt.length === 0,
    because: (f) =>
      f.notLookedAt.length === 0
        ? "this server has looked at everything since it was last away"
        : `this server has just started or woken and has not yet ${f.notLookedAt.join(", ")}`,
  },
  {
    name: "clocks-sane",
    meaning:
      "the two clocks were not further apart than `clock.maximumOffsetSeconds`, and this server's was not set by more than that within `failover.allowedUnavailabilitySeconds`",
    otherwise: "stay",
    isMet: (f, l) => !areClocksApart(f, l) && !wasClockSet(f, l),
    because: (f, l) => {
      if (areClocksApart(f, l)) {
        return `the peer's clock was ${inSeconds(f.peerClockOffsetSeconds)} ahead, allowed are ${inSeconds(l.maximumClockOffsetSeconds)}`;
      }
      return wasClockSet(f, l)
        ? `this server's clock moved by ${inSeconds(f.clockStepSeconds)} only ${inSeconds(f.secondsSinceClockStep)} ago`
        : "the clocks are sane";
    },
  },
  {
    name: "external-resources-available",
    meaning:
      "`externalResources.required` of the external resources accept a connection, and have done so for `externalResources.recoverySeconds`",
    otherwise: "stay",
    isMet: (f, l) => f.areExternalResourcesAvailable && recoveryLeft(f, l) <= 0,
    because: (f, l) => {
      if (!f.areExternalResourcesAvailable) return "this server's own line is down";
      return recoveryLeft(f, l) > 0
        ? `the external resources are back for ${inSeconds(f.externalResourcesAvailableSeconds)} only, ${inSeconds(recoveryLeft(f, l))} are still to wait`
        : "this server reaches its external resources";
    },
  },
  {
    name: "update-server-as-expected",
    meaning: "the update server answers, with the record that is known here and names the peer",
    otherwise: "stay",
    isMet: (f) => f.isUpdateServerReachable && f.isRecordAsExpected,
    because: (f) => {
      if (!f.isUpdateServerReachable) return "the update server does not answer";
      return f.isRecordAsExpected ? "the record names the peer, as known" : "the record is not the one known here";
    },
  },
  {
    name: "not-promised",
    meaning: "no promise to the peer, not to claim, binds this server ([ownership](ownership.md) 5)",
    otherwise: "stay",
    isMet: (f) => !f.hasPromisedNotToClaim,
    because: (f) =>
      f.hasPromisedNotToClaim ? "this server has promised not to claim" : "no promise binds this server",
  },
  {
    name: "exclusion-certain",
    meaning:
      "two active servers are excluded by proof, or by an assumption that `failover.acceptAssumption` accepts, or the connected peer says that its managed system is down ([ownership](ownership.md) 6)",
    otherwise: "ask",
    isMet: (f, l) =>
      f.exclusion === "proof" ||
      (f.exclusion === "assumption" && l.acceptAssumption) ||
      (f.isPeerConnected && f.peerSaysDown),
    because: (f, l) =>
      `exclusion: ${f.exclusion}${f.exclusion === "assumption" && l.acceptAssumption ? ", accepted" : ""}`,
  },
  {
    name: "witness-allows",
    meaning:
      "no witness is set, or it has answered and the peer does not hold its lease, or the connected peer says that its managed system is down ([ownership](ownership.md) 6)",
    otherwise: "ask",
    isMet: (f) => f.witness === "none" || f.witness === "free" || (f.isPeerConnected && f.peerSaysDown),
    because: (f) => witnessSentences[f.witness],
  },
  {
    name: "data-complete",
    meaning: "this server holds a whole copy: no reinitialisation is running or required",
    otherwise: "ask",
    isMet: (f) => f.isDataComplete,
    because: (f) => (f.isDataComplete ? "this server holds a whole copy" : "this server does not hold a whole copy"),
  },
  {
    name: "recovery-point-within-limit",
    meaning: "not more than `failover.maximumRecoveryPointSeconds` of changes would be lost",
    otherwise: "ask",
    isMet: (f, l) => f.recoveryPointSeconds <= l.maximumRecoveryPointSeconds,
    because: (f, l) =>
      isNever(f.recoveryPointSeconds)
        ? `how much would be lost is not known, accepted are ${inSeconds(l.maximumRecoveryPointSeconds)}`
        : `${inSeconds(f.recoveryPointSeconds)} of changes would be lost, accepted are ${inSeconds(l.maximumRecoveryPointSeconds)}`,
  },
] as const satisfies readonly Criterion[];

function recoveryLeft(facts: FailoverFacts, limits: FailoverLimits): number {
  return limits.externalResourcesRecoverySeconds - facts.externalResourcesAvailableSeconds;
}

function areClocksApart(facts: FailoverFacts, limits: FailoverLimits): boolean {
  return Math.abs(facts.peerClockOffsetSeconds) > limits.maximumClockOffsetSeconds;
}

function wasClockSet(facts: FailoverFacts, limits: FailoverLimits): boolean {
  const isRecent = facts.secondsSinceClockStep < limits.allowedUnavailabilitySeconds;
  return isRecent && Math.abs(facts.clockStepSeconds) > limits.maximumClockOffsetSeconds;
}
