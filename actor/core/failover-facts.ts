import type { ServerName } from "../../shared/core/server-name.js";
import type { StateName } from "../../shared/core/states.js";
import type { VantageWord } from "../../shared/core/vantage.js";
import type { WitnessWord } from "./witness-rules.js";

/** Everything a failover decision looks at, with the time already in it. Ages and waits in seconds. */
export interface FailoverFacts {
  readonly server: ServerName;
  readonly active: ServerName | undefined;
  readonly isAutomatic: boolean;
  readonly ownState: StateName;
  /** Of the last probes of the active server's public address. */
  readonly probesFailed: number;
  readonly didLastProbeFail: boolean;
  /** Since the outage began, or since what last excused it ended; 0 while available. */
  readonly unavailableSeconds: number;
  readonly isPeerConnected: boolean;
  /** The peer's own word while connected: its managed system does not serve. */
  readonly peerSaysDown: boolean;
  readonly hasPeerAnnouncedStop: boolean;
  readonly peerLastState: StateName | undefined;
  /** Seconds since the peer was last heard; Infinity: never. */
  readonly peerSilentSeconds: number;
  /** Who has asked and whose asking is still valid. */
  readonly askedBy: readonly ("watch" | "alertmanager" | "operator")[];
  /** What other places said when they were last asked; what is too old says nothing. */
  readonly vantages: readonly Pick<VantageWord, "name" | "site" | "says">[];
  /** What is left of a pause; 0: there is none. */
  readonly pauseSecondsLeft: number;
  /** Who has paused, and why; empty: nobody. */
  readonly pauseBecause: string;
  /** The service interval of this moment; empty: none. */
  readonly serviceInterval: string;
  readonly serviceIntervalSecondsLeft: number;
  readonly areExternalResourcesAvailable: boolean;
  /** For how long without a break; Infinity where none are required. */
  readonly externalResourcesAvailableSeconds: number;
  readonly isDataComplete: boolean;
  readonly recoveryPointSeconds: number;
  readonly exclusion: "proof" | "assumption" | "none";
  /** What the witness says of the other server's lease: none is set, free, held by it, or nothing that is fresh. */
  readonly witness: WitnessWord;
  readonly isUpdateServerReachable: boolean;
  /** The record at the update server is the one known here and names the peer. */
  readonly isRecordAsExpected: boolean;
  readonly secondsSinceUncheckedFailover: number;
  readonly isOperationRunning: boolean;
  /** This server has promised not to claim and has not taken that back yet. */
  readonly hasPromisedNotToClaim: boolean;
  /** What this server has not looked at again since it started or slept, in words. */
  readonly notLookedAt: readonly string[];
  /** How far the peer's clock was ahead when it was last heard. */
  readonly peerClockOffsetSeconds: number;
  /** By how much this server's wall clock was last set, and how long ago; 0 and Infinity: never. */
  readonly clockStepSeconds: number;
  readonly secondsSinceClockStep: number;
}

/** What a decision measures the facts by; from the settings, see failoverLimits. */
export interface FailoverLimits {
  readonly allowedUnavailabilitySeconds: number;
  readonly probesConsidered: number;
  readonly probesFailed: number;
  readonly whenConnected: boolean;
  readonly whenPeerStopped: boolean;
  readonly acceptAssumption: boolean;
  readonly acceptSingleVantage: boolean;
  readonly externalResourcesRecoverySeconds: number;
  readonly maximumRecoveryPointSeconds: number;
  readonly blockSeconds: number;
  readonly maximumClockOffsetSeconds: number;
}

/** One named condition of the failover decision. */
export interface Criterion {
  readonly name: string;
  /** When it is met, in words: a row of docs/failover-decision.md. */
  readonly meaning: string;
  /** `ask`: a person may decide otherwise; `stay`: unmet, nothing is to be done. */
  readonly otherwise: "stay" | "ask";
  readonly isMet: (facts: FailoverFacts, limits: FailoverLimits) => boolean;
  /** One sentence, met or not, with the values that matter. */
  readonly because: (facts: FailoverFacts, limits: FailoverLimits) => string;
}

/** A duration in a sentence. */
export function inSeconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
