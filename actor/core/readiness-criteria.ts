import { isNever } from "../../shared/core/status.js";
import { inSeconds, type Criterion } from "./failover-facts.js";

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
    name: "own-internet-available",
    meaning: "as many of `externalResources` as are required accept a connection",
    otherwise: "stay",
    isMet: (f) => f.areExternalResourcesAvailable,
    because: (f) =>
      f.areExternalResourcesAvailable ? "this server reaches its external resources" : "this server's own line is down",
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
