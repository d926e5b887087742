import { describe, expect, test } from "@jest/globals";
import { findEvents } from "../../../actor/core/find-events.js";
import { emptyFacts, type KeptFacts, type OperationDocument } from "../../../actor/core/kept-facts.js";
import { createOperationDocument, withEndedOperation } from "../../../actor/core/operation-document.js";
import { keptEventsLimit, withEvents, withHistoryUpTo } from "../../../actor/core/kept-events.js";
import { planSwitchover } from "../../../actor/core/switchover-plan.js";
import { stepTitles } from "../../../actor/operations/steps/index.js";

const record = { epoch: 4, active: "primary", operationId: "r4" } as const;
const base: KeptFacts = { ...emptyFacts("shop", "secondary"), record };

const operation = (part: OperationDocument["part"], kind: OperationDocument["kind"]): OperationDocument =>
  createOperationDocument({
    id: "op9",
    plan: planSwitchover(kind, "secondary"),
    titles: stepTitles,
    part,
    requestedBy: "olga",
    reason: "patches",
    isAutomatic: false,
    previous: record,
    nowMs: 5,
  });
const running = (
  part: OperationDocument["part"],
  kind: OperationDocument["kind"] = "switch-to-secondary",
): KeptFacts => ({
  ...base,
  operation: operation(part, kind),
});
const waiting = (part: OperationDocument["part"]): KeptFacts => {
  const facts = running(part);
  return { ...facts, operation: facts.operation && { ...facts.operation, state: "asks-a-person", because: "stuck" } };
};
const ended = (facts: KeptFacts, state: "done" | "undone"): KeptFacts =>
  withEndedOperation(facts, "op9", { state, because: state === "undone" ? "no room" : "", nowMs: 9 });

describe("what a change of the kept facts tells", () => {
  test.each<{ when: string; before?: KeptFacts; after: KeptFacts; names: string[] }>([
    { when: "nothing changed", after: base, names: [] },
    { when: "another fact changed", after: { ...base, isOwnPromiseKnown: true }, names: [] },
    { when: "it was turned off", after: { ...base, isEnabled: false }, names: ["TurnedOff"] },
    { when: "it was turned on", before: { ...base, isEnabled: false }, after: base, names: ["TurnedOn"] },
    { when: "an operation began", after: running("coordinator"), names: ["OperationStarted"] },
    { when: "a step of it moved", before: running("coordinator"), after: { ...running("coordinator") }, names: [] },
    {
      when: "the claimant came to its end",
      before: running("claimant"),
      after: ended(running("claimant"), "done"),
      names: ["OperationEnded", "SwitchedSuccessfully"],
    },
    {
      when: "the coordinator saw that end",
      before: running("coordinator"),
      after: ended(running("coordinator"), "done"),
      names: ["OperationEnded"],
    },
    {
      when: "the coordinator has undone it",
      before: running("coordinator"),
      after: ended(running("coordinator"), "undone"),
      names: ["OperationEnded", "SwitchedFailed"],
    },
    {
      when: "a planned one failed at the claimant, which its coordinator tells",
      before: running("claimant"),
      after: ended(running("claimant"), "undone"),
      names: ["OperationEnded"],
    },
    {
      when: "a failover failed, which nobody else can tell",
      before: running("claimant", "failover"),
      after: ended(running("claimant", "failover"), "undone"),
      names: ["OperationEnded", "SwitchedFailed"],
    },
    {
      when: "it waits for a person",
      before: running("claimant"),
      after: waiting("claimant"),
      names: ["OperationEnded", "SwitchedFailed"],
    },
    { when: "it still waits for a person", before: waiting("claimant"), after: { ...waiting("claimant") }, names: [] },
    {
      when: "one that waited for a person is undone, which was told",
      before: waiting("coordinator"),
      after: ended(waiting("coordinator"), "undone"),
      names: ["OperationEnded"],
    },
    {
      when: "a claim was won",
      after: { ...base, record: { epoch: 5, active: "secondary", operationId: "op9" } },
      names: ["OwnershipChanged"],
    },
    {
      when: "a configuration error was found",
      after: { ...base, configurationErrors: [{ reason: "clocks-apart", because: "40 s", sinceMs: 1 }] },
      names: ["ConfigurationErrorFound"],
    },
    {
      when: "a configuration error is over",
      before: { ...base, configurationErrors: [{ reason: "clocks-apart", because: "40 s", sinceMs: 1 }] },
      after: base,
      names: ["ConfigurationErrorOver"],
    },
    {
      when: "somebody asked for a failover",
      after: {
        ...base,
        asks: [{ askedBy: "alertmanager", askedAtMs: 3, expiresAtMs: 9, because: "an alert", fingerprint: "f1" }],
      },
      names: ["FailoverAsked"],
    },
  ])("$when: $names", ({ before = base, after, names }) => {
    expect(findEvents(before, after, "here").map(({ name }) => name)).toEqual(names);
  });

  test("who turned it off and why stand apart", () => {
    const after = { ...base, isEnabled: false, enabledBecause: "olga: patches: the kernel" };
    expect(findEvents(base, after, "here")).toEqual([{ name: "TurnedOff", who: "olga", why: "patches: the kernel" }]);
  });

  test("who has ended a pause is named, and why there was one", () => {
    const pause = { untilMs: 9, setAtMs: 1, setBy: "otto", reason: "patches" };
    const before = { ...base, pause: { sequence: 1, pause, endedBy: "" } };
    const after = { ...base, pause: { sequence: 2, pause: null, endedBy: "olga" } };
    expect(findEvents(before, after, "here")).toEqual([{ name: "Resumed", who: "olga", why: "patches" }]);
  });

  test("what the peer was told is the peer's to tell to people", () => {
    const after = { ...base, isEnabled: false, enabledBecause: "olga: patches" };
    expect(findEvents(base, after, "peer")).toEqual([
      { name: "OperatorActed", who: "peer", why: "turned off: olga: patches" },
    ]);
  });
});

describe("the kept events", () => {
  const event = { name: "ActorStarted", who: "actor", why: "version 1" } as const;

  test("are numbered on from the last one and remember when each happened last", () => {
    const facts = withEvents(withEvents(base, [event, event], 10), [{ ...event, name: "ActorStopping" }], 20);
    expect(facts.events.map(({ sequence, name, atMs }) => [sequence, name, atMs])).toEqual([
      [1, "ActorStarted", 10],
      [2, "ActorStarted", 10],
      [3, "ActorStopping", 20],
    ]);
    expect(facts.eventTimesMs).toEqual({ ActorStarted: 10, ActorStopping: 20 });
  });

  test("are bounded, the oldest leave", () => {
    const facts = withEvents(
      base,
      Array.from({ length: keptEventsLimit + 2 }, () => event),
      10,
    );
    expect(facts.events).toHaveLength(keptEventsLimit);
    expect(facts.events[0]?.sequence).toBe(3);
    expect(facts.eventSequence).toBe(keptEventsLimit + 2);
  });

  test("hold no secret and no endless text", () => {
    const [kept] = withEvents(base, [{ ...event, why: `postgres://shop:hunter2@db ${"x".repeat(3000)}` }], 1).events;
    expect(kept?.why).toContain("postgres://shop:[redacted]@db");
    expect(kept?.why).toHaveLength(2000);
  });

  test("go on above a history that goes further than facts that were restored", () => {
    const restored = withHistoryUpTo(withEvents(base, [event], 10), 7);
    expect(withEvents(restored, [event], 20).events.map(({ sequence }) => sequence)).toEqual([8]);
    const present = withEvents(base, [event], 10);
    expect(withHistoryUpTo(present, 1)).toBe(present);
  });
});
