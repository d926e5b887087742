import type { ServerName } from "../../shared/core/server-name.js";
import type { StateName } from "../../shared/core/states.js";

/** Everything a failover decision looks at, with the time already in it. Ages and waits in seconds. */
export interface FailoverFacts {
  readonly server: ServerName;
  readonly active: ServerName | undefined;
  readonly isAutomatic: boolean;
  readonly ownState: StateName;
  /** Since the outage began, or since the last service interval or pause in it ended; 0 while available. */
  readonly unavailableSeconds: number;
  readonly isPeerConnected: boolean;
  /** The peer's own word while connected: its managed system does not serve. */
  readonly peerSaysDown: boolean;
  readonly hasPeerAnnouncedStop: boolean;
  readonly peerLastState: StateName | undefined;
  /** Seconds since the peer was last heard; Infinity: never. A second sign when it is long. */
  readonly peerSilentSeconds: number;
  /** Who has asked and whose asking is still valid. */
  readonly askedBy: readonly ("watch" | "alertmanager" | "operator")[];
  /** What is left of a pause; 0: there is none. */
  readonly pauseSecondsLeft: number;
  /** Who has paused, and why; empty: nobody. */
  readonly pauseBecause: string;
  /** The service interval of this moment; empty: none. */
  readonly serviceInterval: string;
  readonly serviceIntervalSecondsLeft: number;
  readonly areExternalResourcesAvailable: boolean;
  readonly isDataComplete: boolean;
  readonly recoveryPointSeconds: number;
  readonly exclusion: "proof" | "assumption" | "none";
  readonly isUpdateServerReachable: boolean;
  /** The record at the update server is the one known here and names the peer. */
  readonly isRecordAsExpected: boolean;
  readonly secondsSinceUncheckedFailover: number;
  readonly isOperationRunning: boolean;
  /** This server has promised not to claim and has not taken that back yet. */
  readonly hasPromisedNotToClaim: boolean;
}

export interface FailoverLimits {
  readonly allowedUnavailabilitySeconds: number;
  readonly whenConnected: boolean;
  readonly acceptAssumption: boolean;
  readonly acceptSingleVantage: boolean;
  readonly maximumRecoveryPointSeconds: number;
  readonly blockSeconds: number;
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
