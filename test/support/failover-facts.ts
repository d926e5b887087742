import type { FailoverFacts, FailoverLimits } from "../../actor/core/failover-criteria.js";

/** A secondary that was asked, sees the primary lost and has everything it needs. */
export const readyFacts: FailoverFacts = {
  server: "secondary",
  active: "primary",
  isAutomatic: true,
  ownState: "working",
  unavailableSeconds: 120,
  isPeerConnected: false,
  peerSaysDown: false,
  hasPeerAnnouncedStop: false,
  peerLastState: "working",
  peerSilentSeconds: 120,
  askedBy: ["watch"],
  pauseSecondsLeft: 0,
  pauseBecause: "",
  serviceInterval: "",
  serviceIntervalSecondsLeft: 0,
  areExternalResourcesAvailable: true,
  isDataComplete: true,
  recoveryPointSeconds: 60,
  exclusion: "proof",
  isUpdateServerReachable: true,
  isRecordAsExpected: true,
  secondsSinceUncheckedFailover: Infinity,
  isOperationRunning: false,
  hasPromisedNotToClaim: false,
};
/** As strict as can be with these facts still being enough. */
export const strictLimits: FailoverLimits = {
  allowedUnavailabilitySeconds: 120,
  whenConnected: true,
  acceptAssumption: false,
  acceptSingleVantage: true,
  maximumRecoveryPointSeconds: 60,
  blockSeconds: 3600,
};
