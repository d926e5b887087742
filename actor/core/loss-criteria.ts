import { inSeconds, type Criterion, type FailoverFacts } from "./failover-facts.js";

type Word = FailoverFacts["vantages"][number];

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
    meaning: "the watch or Alertmanager, whom `failover.askedBy` allows, has asked, and the ask is still valid",
    otherwise: "stay",
    isMet: (f) => f.askedBy.length > 0,
    because: (f) => (f.askedBy.length > 0 ? `asked by ${f.askedBy.join(" and ")}` : "nobody allowed to ask has asked"),
  },
  {
    name: "probes-failed",
    meaning:
      "of the last `failover.probesConsidered` probes of the active server's public address at least `failover.probesFailed` failed, the last one among them",
    otherwise: "stay",
    isMet: (f, l) => f.probesFailed >= l.probesFailed && f.didLastProbeFail,
    because: (f, l) => {
      const counted = `${f.probesFailed} of the last ${l.probesConsidered} probes failed, ${l.probesFailed} are needed`;
      return f.probesFailed > 0 && !f.didLastProbeFail ? `${counted}, but the last one was answered` : counted;
    },
  },
  {
    name: "unavailable-long-enough",
    meaning:
      "the managed system is unavailable for `failover.allowedUnavailabilitySeconds`; counted anew from the end of a service interval or a pause, and from the return of a peer that was stopped or turned off",
    otherwise: "stay",
    isMet: (f, l) => f.unavailableSeconds >= l.allowedUnavailabilitySeconds,
    because: (f, l) =>
      `the managed system is unavailable for ${inSeconds(f.unavailableSeconds)}, allowed are ${inSeconds(l.allowedUnavailabilitySeconds)}`,
  },
  {
    name: "second-signal",
    meaning:
      "the peer itself or an independent vantage (`failover.vantages`, not at this server's site) also says that the managed system is down, or `failover.acceptSingleVantage` is set",
    otherwise: "ask",
    isMet: (f, l) => f.peerSaysDown || independent(f, "down").length > 0 || l.acceptSingleVantage,
    because: (f, l) => {
      if (f.peerSaysDown) return "the peer itself says that its managed system is down";
      const down = independent(f, "down");
      if (down.length > 0) return `${namesOf(down)} also says that it is down`;
      return l.acceptSingleVantage
        ? "one vantage is accepted by setting"
        : "only this server's vantage has seen the loss";
    },
  },
  {
    name: "no-vantage-contradicts",
    meaning: "no independent vantage says that the managed system answers, or the peer itself says that it is down",
    otherwise: "ask",
    isMet: (f) => f.peerSaysDown || independent(f, "up").length === 0,
    because: (f) => {
      const up = independent(f, "up");
      if (up.length === 0) return "no other vantage says that it answers";
      return f.peerSaysDown
        ? `${namesOf(up)} says that it answers, but the peer itself says that it is down`
        : `${namesOf(up)} says that it answers`;
    },
  },
] as const satisfies readonly Criterion[];

/** Two signals are independent by host and uplink (docs/ownership.md 11): not what stands beside this server. */
function independent({ vantages, server }: FailoverFacts, says: Word["says"]): readonly Word[] {
  return vantages.filter((vantage) => vantage.says === says && vantage.site !== server);
}

function namesOf(words: readonly Word[]): string {
  return `the vantage ${words.map(({ name }) => name).join(" and the vantage ")}`;
}
