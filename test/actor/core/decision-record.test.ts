import { describe, expect, test } from "@jest/globals";
import { decisionRecord, recordDecision, replayDecision } from "../../../actor/core/decision-record.js";
import { decideFailover, type FailoverFacts } from "../../../actor/core/failover-criteria.js";
import { readyFacts, strictLimits } from "../../support/failover-facts.js";

const name = { id: "d1", decidedAtMs: 7, isObservedOnly: false };

function record(change: Partial<FailoverFacts> = {}) {
  const facts = { ...readyFacts, ...change };
  const made = recordDecision(name, decideFailover(facts, strictLimits), facts, strictLimits);
  return decisionRecord.parse(JSON.parse(JSON.stringify(made)));
}

describe("a recorded decision", () => {
  test.each<{ readonly when: string; readonly change: Partial<FailoverFacts>; readonly is: string }>([
    { when: "everything is met", change: {}, is: "fail-over" },
    { when: "the loss would be too large", change: { recoveryPointSeconds: 61 }, is: "ask-the-operator" },
    {
      when: "the peer was never heard",
      change: { peerLastState: undefined, peerSilentSeconds: Infinity },
      is: "fail-over",
    },
    { when: "nobody is active", change: { active: undefined }, is: "stay" },
    { when: "another failover was just made", change: { secondsSinceUncheckedFailover: 5 }, is: "stay" },
  ])("is $is when $when, and is made again the same from its JSON", ({ change, is }) => {
    const read = record(change);
    const again = replayDecision(read);
    expect([read.decision, again.decision.decision, again.isSame]).toEqual([is, is, true]);
    expect(again.decision.criteria).toEqual(read.criteria);
    expect(read.facts).toEqual({ ...readyFacts, ...change });
    expect(read.limits).toEqual(strictLimits);
  });

  test("that was made by other rules is told apart", () => {
    const read = record({ askedBy: [] });
    expect(replayDecision({ ...read, decision: "fail-over" }).isSame).toBe(false);
    const criteria = read.criteria.map((one) => (one.name === "asked" ? { ...one, met: true } : one));
    expect(replayDecision({ ...read, criteria }).isSame).toBe(false);
  });
});
