import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { decideGrant, decideServing, nextRecord, takeoverWaitSeconds } from "../../../actor/core/ownership.js";
import type { Claim, Promised } from "../../../actor/core/kept-facts.js";
import type { OwnershipRecord } from "../../../actor/core/ownership-record.js";

/*
 * One history in real time, seen by two clocks that run wrong by up to 1 %. The former owner (primary) asks for
 * confirmations, the claimant (secondary) decides, claims and waits; every message takes any time or is lost. Nothing
 * tells the former owner of the claim: that is the case in which only the fence protects.
 */
const real = fc.double({ min: 0, max: 300, noNaN: true });
const delay = fc.double({ min: 0, max: 120, noNaN: true });
const rate = fc.double({ min: 0.99, max: 1.01, noNaN: true });
const limits = fc.record({
  selfFenceSeconds: fc.double({ min: 1, max: 300, noNaN: true }),
  stopSeconds: fc.double({ min: 1, max: 60, noNaN: true }),
  marginSeconds: fc.double({ min: 0.5, max: 60, noNaN: true }),
});
const question = fc.record({
  sentAt: real,
  toAnswerer: delay,
  toAsker: fc.option(delay, { nil: undefined }),
  asks: fc.constantFrom("update-server" as const, "peer" as const),
});
const history = fc.record({
  limits,
  ownerRate: rate,
  claimantRate: rate,
  questions: fc.array(question, { maxLength: 12 }),
  decidedAt: real,
  claimTravels: delay,
  claimAnswerTravels: delay,
  looksAt: fc.double({ min: 0, max: 1200, noNaN: true }),
  /** When the claimant took back a promise: it had made it before, and waited for the acknowledgement. */
  promise: fc.option(fc.record({ toOwner: delay, acknowledged: delay }), { nil: undefined }),
});
type History = typeof history extends fc.Arbitrary<infer Value> ? Value : never;

const before: OwnershipRecord = { epoch: 3, active: "primary", operationId: "old" };
const after = nextRecord(before, "secondary", "new");
const claim: Claim = { operationId: "new", previous: before, next: after, state: "intended", validUntilWallMs: 0 };

interface Moment {
  readonly mayServe: boolean;
  readonly isWaitOver: boolean;
}

function look(h: History): Moment {
  // The promise was taken back and the taking back acknowledged before the claim is decided.
  const freedAt = h.promise && h.decidedAt - h.promise.acknowledged;
  const decidedAt = h.decidedAt;
  const appliedAt = decidedAt + h.claimTravels;
  const answeredAt = appliedAt + h.claimAnswerTravels;
  const confirmations = h.questions.filter(({ sentAt, toAnswerer, toAsker, asks }) => {
    if (toAsker === undefined || sentAt + toAnswerer + toAsker > h.looksAt) return false;
    const seenAt = sentAt + toAnswerer;
    if (asks === "update-server") return seenAt < appliedAt;
    const facts = { server: "secondary", record: before, claim: seenAt < decidedAt ? null : claim } as const;
    return decideGrant(facts, before.epoch).isGranted;
  });
  const confirmedAt = confirmations.map(({ sentAt }) => sentAt);
  // A promise that is taken back confirms as of the moment at which that is heard, before it is acknowledged.
  if (freedAt !== undefined && freedAt <= h.looksAt) confirmedAt.push(freedAt);
  const isPromised = freedAt !== undefined && h.looksAt < freedAt;
  const peerPromise: Promised = { sequence: 1, kind: isPromised ? "turned-off" : null };
  const decision = decideServing(
    {
      server: "primary",
      record: before,
      confirmedAgeSeconds: (h.looksAt - Math.max(-Infinity, ...confirmedAt)) * h.ownerRate,
      peerPromise,
      updateServerSite: "elsewhere",
      areExternalResourcesAvailable: true,
    },
    h.limits,
  );
  const waitedSeconds = (h.looksAt - answeredAt) * h.claimantRate;
  return {
    mayServe: decision.kind === "may-serve",
    isWaitOver: waitedSeconds > takeoverWaitSeconds(h.limits),
  };
}

test("no claimant's wait is over while the former owner may still serve, whatever the messages and clocks do", () => {
  // The clocks may be 2 % apart: the stop and the margin must cover that much of the fence (see setting-relations).
  const covered = history.filter(
    (h) => h.limits.selfFenceSeconds * 0.021 <= h.limits.stopSeconds + h.limits.marginSeconds,
  );
  const seen = { serving: 0, over: 0 };
  fc.assert(
    fc.property(covered, (h) => {
      const { mayServe, isWaitOver } = look(h);
      if (mayServe) seen.serving += 1;
      if (isWaitOver) seen.over += 1;
      expect(mayServe && isWaitOver).toBe(false);
    }),
    { numRuns: 3000, seed: 20260101 },
  );
  // The histories reach both sides, else the property says nothing.
  expect(seen.serving).toBeGreaterThan(100);
  expect(seen.over).toBeGreaterThan(100);
});

test("the model notices a claimant that does not wait for the fence", () => {
  const impatient = history.map((h) => ({ ...h, limits: { ...h.limits } }));
  const isUnsafe = (h: History): boolean => {
    const answeredAt = h.decidedAt + h.claimTravels + h.claimAnswerTravels;
    return look(h).mayServe && h.looksAt - answeredAt > h.limits.stopSeconds + h.limits.marginSeconds;
  };
  expect(
    fc.check(
      fc.property(impatient, (h) => !isUnsafe(h)),
      { numRuns: 3000, seed: 20260101 },
    ).failed,
  ).toBe(true);
});

test("the last confirmation that can be had is stopped before the wait is over, with the stop itself in it", () => {
  const extremes = fc.record({
    limits,
    ownerRate: rate,
    claimantRate: rate,
    fenceTickSeconds: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const covered = extremes.filter((h) => {
    const boundSeconds = h.limits.selfFenceSeconds + h.limits.stopSeconds + h.fenceTickSeconds;
    return boundSeconds * 0.0204 + h.fenceTickSeconds <= h.limits.marginSeconds;
  });
  fc.assert(
    fc.property(covered, ({ limits: l, ownerRate, claimantRate, fenceTickSeconds }) => {
      const stoppedAt = (l.selfFenceSeconds + fenceTickSeconds + l.stopSeconds) / ownerRate;
      expect(stoppedAt).toBeLessThanOrEqual(takeoverWaitSeconds(l) / claimantRate);
    }),
  );
});
