import type { StateName } from "../../shared/core/states.js";
import { isNever } from "../../shared/core/status.js";
import type { ServerName } from "../../shared/core/server-name.js";

/** Everything a failover decision looks at, with the time already in it. Ages and waits in seconds. */
export interface FailoverFacts {
  readonly server: ServerName;
  readonly active: ServerName | undefined;
  readonly isAutomatic: boolean;
  readonly ownState: StateName;
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

export interface Criterion {
  readonly name: string;
  /** `ask`: a person may decide otherwise; `stay`: unmet, nothing is to be done. */
  readonly otherwise: "stay" | "ask";
  readonly isMet: (facts: FailoverFacts, limits: FailoverLimits) => boolean;
  readonly because: (facts: FailoverFacts, limits: FailoverLimits) => string;
}

const seconds = (value: number): string => `${value.toFixed(1)} s`;

/** One row each, in the order in which pages and metrics show them. */
export const failoverCriteria = [
  {
    name: "is-standby",
    otherwise: "stay",
    isMet: (f) => f.server === "secondary" && f.active === "primary",
    because: (f) =>
      `this is the ${f.server}, active is ${f.active ?? "unknown"}; only the secondary takes over by itself`,
  },
  {
    name: "asked",
    otherwise: "stay",
    isMet: (f) => f.askedBy.length > 0,
    because: (f) => (f.askedBy.length > 0 ? `asked by ${f.askedBy.join(" and ")}` : "nobody allowed to ask has asked"),
  },
  {
    name: "unavailable-long-enough",
    otherwise: "stay",
    isMet: (f, l) => f.unavailableSeconds >= l.allowedUnavailabilitySeconds,
    because: (f, l) =>
      `the managed system is unavailable for ${seconds(f.unavailableSeconds)}, allowed are ${seconds(l.allowedUnavailabilitySeconds)}`,
  },
  {
    name: "automatic-switching-on",
    otherwise: "stay",
    isMet: (f) => f.isAutomatic,
    because: (f) => (f.isAutomatic ? "automatic switching is on" : "automatic switching is off"),
  },
  {
    name: "own-state-working",
    otherwise: "stay",
    isMet: (f) => f.ownState === "working" || f.ownState === "working_with_errors",
    because: (f) => `this server's state is ${f.ownState}`,
  },
  {
    name: "peer-not-stopped-in-order",
    otherwise: "stay",
    isMet: (f) => !f.hasPeerAnnouncedStop,
    because: (f) => (f.hasPeerAnnouncedStop ? "the peer was stopped in order" : "the peer has not announced a stop"),
  },
  {
    name: "peer-not-turned-off",
    otherwise: "stay",
    isMet: (f) => f.peerLastState !== "turned_off",
    because: (f) =>
      f.peerLastState === undefined ? "the peer was not seen yet" : `the peer was last seen ${f.peerLastState}`,
  },
  {
    name: "connected-switch-allowed",
    otherwise: "stay",
    isMet: (f, l) => !f.isPeerConnected || (l.whenConnected && f.peerSaysDown),
    because: (f, l) => {
      if (!f.isPeerConnected) return "the peer is not connected";
      if (!f.peerSaysDown) return "the peer is connected and says that its managed system serves";
      return l.whenConnected ? "the peer says that its managed system is down" : "failover.whenConnected is off";
    },
  },
  {
    name: "own-internet-available",
    otherwise: "stay",
    isMet: (f) => f.areExternalResourcesAvailable,
    because: (f) =>
      f.areExternalResourcesAvailable ? "this server reaches its external resources" : "this server's own line is down",
  },
  {
    name: "update-server-as-expected",
    otherwise: "stay",
    isMet: (f) => f.isUpdateServerReachable && f.isRecordAsExpected,
    because: (f) => {
      if (!f.isUpdateServerReachable) return "the update server does not answer";
      return f.isRecordAsExpected ? "the record names the peer, as known" : "the record is not the one known here";
    },
  },
  {
    name: "not-promised",
    otherwise: "stay",
    isMet: (f) => !f.hasPromisedNotToClaim,
    because: (f) =>
      f.hasPromisedNotToClaim ? "this server has promised not to claim" : "no promise binds this server",
  },
  {
    name: "no-operation-running",
    otherwise: "stay",
    isMet: (f) => !f.isOperationRunning,
    because: (f) => (f.isOperationRunning ? "an operation is running" : "no operation is running"),
  },
  {
    name: "no-flap",
    otherwise: "stay",
    isMet: (f, l) => f.secondsSinceUncheckedFailover >= l.blockSeconds,
    because: (f) =>
      Number.isFinite(f.secondsSinceUncheckedFailover)
        ? `the last automatic failover was ${seconds(f.secondsSinceUncheckedFailover)} ago and is not marked checked`
        : "no automatic failover is left to be marked checked",
  },
  {
    name: "second-signal",
    otherwise: "ask",
    isMet: (f, l) => l.acceptSingleVantage || f.peerSaysDown,
    because: (f, l) => {
      if (f.peerSaysDown) return "the peer itself says that its managed system is down";
      return l.acceptSingleVantage
        ? "one vantage is accepted by setting"
        : "only this server's vantage has seen the loss";
    },
  },
  {
    name: "exclusion-certain",
    otherwise: "ask",
    isMet: (f, l) =>
      f.exclusion === "proof" ||
      (f.exclusion === "assumption" && l.acceptAssumption) ||
      (f.isPeerConnected && f.peerSaysDown),
    because: (f, l) =>
      `exclusion: ${f.exclusion}${f.exclusion === "assumption" && l.acceptAssumption ? ", accepted" : ""}`,
  },
  {
    name: "data-complete",
    otherwise: "ask",
    isMet: (f) => f.isDataComplete,
    because: (f) => (f.isDataComplete ? "this server holds a whole copy" : "this server does not hold a whole copy"),
  },
  {
    name: "recovery-point-within-limit",
    otherwise: "ask",
    isMet: (f, l) => f.recoveryPointSeconds <= l.maximumRecoveryPointSeconds,
    because: (f, l) =>
      isNever(f.recoveryPointSeconds)
        ? `how much would be lost is not known, accepted are ${seconds(l.maximumRecoveryPointSeconds)}`
        : `${seconds(f.recoveryPointSeconds)} of changes would be lost, accepted are ${seconds(l.maximumRecoveryPointSeconds)}`,
  },
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
