import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decideFailover } from "../../../actor/core/failover-criteria.js";
import { decideServing, type ServingFacts } from "../../../actor/core/ownership.js";
import type { OwnershipRecord } from "../../../actor/core/ownership-record.js";
import {
  decideHolding,
  judgeTaking,
  type HoldingFacts,
  type WitnessHolder,
} from "../../../actor/core/witness-rules.js";
import { readyFacts, strictLimits } from "../../support/failover-facts.js";

const own: OwnershipRecord = { epoch: 5, active: "primary", operationId: "op5" };
const claimed: OwnershipRecord = { epoch: 6, active: "secondary", operationId: "op6" };
const limits = { selfFenceSeconds: 60, stopSeconds: 30, marginSeconds: 10 };

function holds(record: OwnershipRecord | undefined, leaseId = "7"): WitnessHolder {
  return { record, revision: "3", leaseId };
}

describe("a claimant at the witness", () => {
  test.each([
    { when: "nobody holds the key", holder: undefined, isAllowed: true },
    { when: "an older claim of its own is there", holder: holds(claimed, ""), isAllowed: true },
    { when: "the other server holds its lease", holder: holds(own), isAllowed: false },
    { when: "the other server has written a claim", holder: holds(own, ""), isAllowed: false },
    { when: "the text is not SpareSync's", holder: holds(undefined), isAllowed: false },
  ])("may write over the key: $isAllowed when $when", ({ holder, isAllowed }) => {
    expect(judgeTaking(holder, "secondary").isAllowed).toBe(isAllowed);
  });
});

describe("what a server does about the key", () => {
  const base: HoldingFacts = {
    server: "primary",
    record: own,
    holder: undefined,
    isServingWell: true,
    isConfirmed: true,
    hasClaim: false,
    isRecordFresh: true,
  };
  const leftBehind = { server: "secondary", holder: holds(claimed, "") } as const;
  test.each<{ when: string; change: Partial<HoldingFacts>; kind: string; isHeld?: boolean }>([
    { when: "an owner that serves finds none", change: {}, kind: "hold", isHeld: false },
    { when: "it finds its own", change: { holder: holds(own) }, kind: "hold", isHeld: true },
    {
      when: "it finds its own and is not confirmed",
      change: { holder: holds(own), isConfirmed: false },
      kind: "hold",
      isHeld: true,
    },
    { when: "it finds none and is not confirmed", change: { isConfirmed: false }, kind: "leave" },
    {
      when: "it finds one of an older epoch",
      change: { holder: holds({ ...claimed, epoch: 4 }) },
      kind: "hold",
      isHeld: false,
    },
    { when: "it finds a later claim", change: { holder: holds(claimed, "") }, kind: "leave" },
    {
      when: "it finds another one of its epoch",
      change: { holder: holds({ ...own, operationId: "x" }) },
      kind: "leave",
    },
    { when: "it finds a text that is not SpareSync's", change: { holder: holds(undefined) }, kind: "leave" },
    {
      when: "an owner no longer serves",
      change: { isServingWell: false, holder: holds(own) },
      kind: "remove",
    },
    {
      when: "an owner does not serve yet and has written its claim",
      change: { isServingWell: false, holder: holds(own, "") },
      kind: "leave",
    },
    { when: "an owner does not serve and finds none", change: { isServingWell: false }, kind: "leave" },
    { when: "a standby finds the owner's", change: { server: "secondary", holder: holds(own) }, kind: "leave" },
    { when: "a standby finds a claim of its own that was given up", change: leftBehind, kind: "remove" },
    { when: "that claim may still come true", change: { ...leftBehind, hasClaim: true }, kind: "leave" },
    { when: "the record was not read since", change: { ...leftBehind, isRecordFresh: false }, kind: "leave" },
    { when: "no record is known", change: { record: null, holder: holds(own) }, kind: "leave" },
  ])("$kind when $when", ({ change, kind, isHeld }) => {
    expect(decideHolding({ ...base, ...change })).toMatchObject({ kind, ...(isHeld === undefined ? {} : { isHeld }) });
  });
});

const servingFacts: fc.Arbitrary<ServingFacts> = fc.record({
  server: fc.constantFrom("primary" as const, "secondary" as const),
  record: fc.constantFrom(null, own, claimed),
  confirmedAgeSeconds: fc.constantFrom(0, 60, 61, Infinity),
  peerPromise: fc.constantFrom({ sequence: 0, kind: null }, { sequence: 1, kind: "stopped" as const }),
  updateServerSite: fc.constantFrom("elsewhere" as const, "primary" as const, "secondary" as const),
  areExternalResourcesAvailable: fc.boolean(),
});

describe("a witness never makes anything less safe", () => {
  test("who had to stop without it has to stop with it", () => {
    fc.assert(
      fc.property(servingFacts, fc.constantFrom(0, 60, 61, Infinity), (facts, witnessHeldAgeSeconds) => {
        const without = decideServing(facts, limits).kind;
        const withIt = decideServing({ ...facts, witnessHeldAgeSeconds }, limits).kind;
        expect(withIt === "may-serve" && without === "must-stop").toBe(false);
      }),
    );
  });

  test.each([
    { witness: "none", decision: "fail-over" },
    { witness: "free", decision: "fail-over" },
    { witness: "held", decision: "ask-the-operator" },
    { witness: "unknown", decision: "ask-the-operator" },
  ] as const)("what would fail over is $decision when its word is $witness", ({ witness, decision }) => {
    expect(decideFailover({ ...readyFacts, witness }, strictLimits).decision).toBe(decision);
  });

  test("the connected peer's own word is enough", () => {
    const facts = { ...readyFacts, witness: "held", isPeerConnected: true, peerSaysDown: true } as const;
    expect(decideFailover(facts, strictLimits).decision).toBe("fail-over");
  });
});

describe("an unconfirmed primary whose update server stands beside the spare", () => {
  const facts: ServingFacts = {
    server: "primary",
    record: own,
    confirmedAgeSeconds: Infinity,
    peerPromise: { sequence: 0, kind: null },
    updateServerSite: "secondary",
    areExternalResourcesAvailable: true,
  };
  test.each([
    { when: "without a witness, by assumption", age: undefined, kind: "may-serve", because: /^assumption/ },
    { when: "while its lease is seen", age: 60, kind: "may-serve", because: /holds this server's lease/ },
    { when: "when that is too long ago", age: 60.1, kind: "must-stop", because: /^neither/ },
    { when: "when it was never seen", age: Infinity, kind: "must-stop", because: /^neither/ },
  ])("$kind $when", ({ age, kind, because }) => {
    const decision = decideServing({ ...facts, witnessHeldAgeSeconds: age }, limits);
    expect(decision.kind).toBe(kind);
    expect(decision.because).toMatch(because);
  });
});
