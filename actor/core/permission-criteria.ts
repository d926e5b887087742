import { inSeconds, type Criterion } from "./failover-facts.js";

/** Whether an automatic failover is wanted now. None of these keeps an operator from a manual one. */
export const permissionCriteria = [
  {
    name: "automatic-switching-on",
    meaning: "`failover.automatic` is set and nobody has turned SpareSync off",
    otherwise: "stay",
    isMet: (f) => f.isAutomatic,
    because: (f) => (f.isAutomatic ? "automatic switching is on" : "automatic switching is off"),
  },
  {
    name: "not-paused",
    meaning: "there is no pause (`sparesync pause`), or it is over",
    otherwise: "stay",
    isMet: (f) => f.pauseSecondsLeft <= 0,
    because: (f) =>
      f.pauseSecondsLeft > 0
        ? `automatic switching is paused for another ${inSeconds(f.pauseSecondsLeft)} (${f.pauseBecause})`
        : "automatic switching is not paused",
  },
  {
    name: "not-in-service-interval",
    meaning: "this moment lies in none of `serviceIntervals`",
    otherwise: "stay",
    isMet: (f) => f.serviceInterval === "",
    because: (f) =>
      f.serviceInterval === ""
        ? "no service interval is under way"
        : `the service interval ${f.serviceInterval} lasts for another ${inSeconds(f.serviceIntervalSecondsLeft)}`,
  },
  {
    name: "no-operation-running",
    meaning: "no operation is running",
    otherwise: "stay",
    isMet: (f) => !f.isOperationRunning,
    because: (f) => (f.isOperationRunning ? "an operation is running" : "no operation is running"),
  },
  {
    name: "no-flap",
    meaning: "the last automatic failover was marked as checked, or is longer ago than `failover.blockSeconds`",
    otherwise: "stay",
    isMet: (f, l) => f.secondsSinceUncheckedFailover >= l.blockSeconds,
    because: (f) =>
      Number.isFinite(f.secondsSinceUncheckedFailover)
        ? `the last automatic failover was ${inSeconds(f.secondsSinceUncheckedFailover)} ago and is not marked checked`
        : "no automatic failover is left to be marked checked",
  },
] as const satisfies readonly Criterion[];
