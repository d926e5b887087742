import { describe, expect, test } from "@jest/globals";
import { emptyFacts, type Claim, type KeptFacts, type OperationDocument } from "../../../actor/core/kept-facts.js";
import { nextStepHere, withEndedOperation, withOperation, withStep } from "../../../actor/core/operation-document.js";
import type { StepView } from "../../../shared/core/status.js";
import { anOperationDocument } from "../../support/kept-documents.js";

const operation = anOperationDocument("switch-to-secondary");
const facts: KeptFacts = { ...emptyFacts("shop", "primary"), operation };
const end = { state: "done", because: "", nowMs: 9000 } as const;

test("a new operation waits at its first step, with nothing done", () => {
  expect(operation).toMatchObject({
    state: "running",
    startedAtMs: 1000,
    endedAtMs: 0,
    progressRatio: 0,
    isPeerStopped: false,
    isCancelWanted: false,
  });
  expect(new Set(operation.steps.map(({ state }) => state))).toEqual(new Set(["waiting"]));
  expect(operation.steps[0]).toMatchObject({
    name: "check-readiness",
    title: "Check that both servers are ready for the switchover",
  });
});

describe("a change of a step", () => {
  test("reaches that step alone and moves the progress", () => {
    const once = withStep(facts, "op1", "check-readiness", { state: "done" });
    const twice = withStep(once, "op1", "run-before-hooks", { state: "skipped" });
    expect(twice.operation?.steps.map(({ state }) => state).slice(0, 3)).toEqual(["done", "skipped", "waiting"]);
    expect(twice.operation?.progressRatio).toBe(2 / 18);
  });

  test("leaves an operation alone that has another name", () => {
    expect(withStep(facts, "op2", "check-readiness", { state: "done" })).toBe(facts);
    expect(withOperation(facts, "op2", { state: "undoing" })).toBe(facts);
    expect(withEndedOperation(facts, "op2", end)).toBe(facts);
  });
});

describe("an operation that has ended", () => {
  const claim: Claim = {
    operationId: "op1",
    previous: operation.previous,
    next: operation.previous,
    state: "won",
    validUntilWallMs: 0,
  };

  test("is remembered, newest first, and binds the server no more", () => {
    const ended = withEndedOperation({ ...facts, claim }, "op1", end);
    expect(ended).toMatchObject({ operation: null, claim: null, cancelledOperations: [] });
    expect(ended.lastOperations[0]).toMatchObject({ id: "op1", state: "done", endedAtMs: 9000, progressRatio: 1 });
  });

  test("is remembered as cancelled when it was undone, so that a late hand-over of it is refused", () => {
    const ended = withEndedOperation(facts, "op1", { ...end, state: "undone", because: "asked" });
    expect(ended.cancelledOperations).toEqual(["op1"]);
    expect(ended.lastOperations[0]).toMatchObject({ state: "undone", because: "asked", progressRatio: 0 });
  });

  test("leaves a claim of another operation alone", () => {
    const other = { ...claim, operationId: "op1undo" };
    expect(withEndedOperation({ ...facts, claim: other }, "op1", end).claim).toBe(other);
  });

  test("is one of twenty that are remembered, and of a hundred that count as cancelled", () => {
    let many = facts;
    for (let index = 0; index < 120; index += 1) {
      many = withEndedOperation({ ...many, operation }, "op1", { ...end, state: "undone" });
    }
    expect([many.lastOperations.length, many.cancelledOperations.length]).toEqual([20, 100]);
  });
});

describe("the next step of a server", () => {
  const done = (document: OperationDocument, names: readonly string[]): OperationDocument => ({
    ...document,
    steps: document.steps.map((step): StepView => (names.includes(step.name) ? { ...step, state: "done" } : step)),
  });
  const preparation = [
    "check-readiness",
    "run-before-hooks",
    "check-target-stopped",
    "synchronise-ahead",
    "stop-managed-system",
    "close-source-database",
    "drain",
    "hand-over",
  ];

  test.each([
    { when: "nothing is done", document: operation, next: "check-readiness" },
    { when: "the first is done", document: done(operation, ["check-readiness"]), next: "run-before-hooks" },
    { when: "the coordinator has handed over", document: done(operation, preparation), next: undefined },
    {
      when: "the claimant has just taken over",
      document: { ...operation, part: "claimant" as const },
      next: "stop-confirming",
    },
    {
      when: "the claimant has done half",
      document: { ...done(operation, ["stop-confirming", "claim-ownership"]), part: "claimant" as const },
      next: "await-peer-stopped",
    },
  ])("is $next when $when", ({ document, next }) => {
    expect(nextStepHere(document)?.name).toBe(next);
  });

  test("is the one that was running when the actor died", () => {
    const { operation: running } = withStep(facts, "op1", "check-readiness", { state: "running" });
    expect(nextStepHere(running!)?.name).toBe("check-readiness");
  });

  test("is not one that has failed", () => {
    const { operation: failed } = withStep(facts, "op1", "check-readiness", { state: "failed" });
    expect(nextStepHere(failed!)?.name).toBe("run-before-hooks");
  });
});
