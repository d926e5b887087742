import { inSeconds, type Criterion } from "./failover-facts.js";

/** Whether the active server is lost at all, and who says so. */
export const lossCriteria = [
  {
    name: "is-standby",
    meaning: "this is the secondary and the ownership record names the primary",
    otherwise: "stay",
    isMet: (f) => f.server === "secondary" && f.active === "primary",
    because: (f) =>
      `this is the ${f.server}, active is ${f.active ?? "unknown"}; only the secondary takes over by itself`,
  },
  {
    name: "asked",
    meaning:
      "the watch, Alertmanager or an operator has asked, is one of `failover.askedBy`, and the ask is still valid",
    otherwise: "stay",
    isMet: (f) => f.askedBy.length > 0,
    because: (f) => (f.askedBy.length > 0 ? `asked by ${f.askedBy.join(" and ")}` : "nobody allowed to ask has asked"),
  },
  {
    name: "unavailable-long-enough",
    meaning:
      "the managed system is unavailable for `failover.allowedUnavailabilitySeconds`; counted anew from the end of a service interval or a pause",
    otherwise: "stay",
    isMet: (f, l) => f.unavailableSeconds >= l.allowedUnavailabilitySeconds,
    because: (f, l) =>
      `the managed system is unavailable for ${inSeconds(f.unavailableSeconds)}, allowed are ${inSeconds(l.allowedUnavailabilitySeconds)}`,
  },
  {
    name: "second-signal",
    meaning: "the peer itself says that its managed system is down, or `failover.acceptSingleVantage` is set",
    otherwise: "ask",
    isMet: (f, l) => l.acceptSingleVantage || f.peerSaysDown,
    because: (f, l) => {
      if (f.peerSaysDown) return "the peer itself says that its managed system is down";
      return l.acceptSingleVantage
        ? "one vantage is accepted by setting"
        : "only this server's vantage has seen the loss";
    },
  },
] as const satisfies readonly Criterion[];
