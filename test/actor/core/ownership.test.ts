import { describe, expect, test } from "@jest/globals";
import type { Claim } from "../../../actor/core/kept-facts.js";
import {
  decideGrant,
  decideServing,
  judgeClaim,
  judgeRecord,
  mayStart,
  nextRecord,
  takeoverWaitSeconds,
  type GrantFacts,
  type ServingFacts,
} from "../../../actor/core/ownership.js";
import type { OwnershipRecord } from "../../../actor/core/ownership-record.js";

const own: OwnershipRecord = { epoch: 5, active: "primary", operationId: "op5" };
const peers: OwnershipRecord = { ...own, active: "secondary" };
const limits = { selfFenceSeconds: 60, stopSeconds: 30, marginSeconds: 10 };

const readings = [
  { when: "it is the one known", read: own, known: own, judgement: "own", start: true },
  { when: "it is the one known and names the peer", read: peers, known: peers, judgement: "peers", start: false },
  { when: "none is known here", read: own, known: null, judgement: "newer", start: false },
  { when: "its epoch is one higher", read: { ...own, epoch: 6 }, known: own, judgement: "newer", start: false },
  {
    when: "its epoch is one lower",
    read: { ...own, epoch: 4 },
    known: own,
    judgement: "confirms-nothing",
    start: false,
  },
  { when: "there is none", read: undefined, known: own, judgement: "confirms-nothing", start: false },
  {
    when: "there is none and none is known",
    read: undefined,
    known: null,
    judgement: "confirms-nothing",
    start: false,
  },
  {
    when: "it is of another operation",
    read: { ...own, operationId: "other" },
    known: own,
    judgement: "confirms-nothing",
    start: false,
  },
  { when: "it names the other server", read: peers, known: own, judgement: "confirms-nothing", start: false },
] as const;

describe("a record that was just read", () => {
  test.each(readings)("is judged $judgement when $when", ({ read, known, judgement }) => {
    expect(judgeRecord(read, known, "primary").kind).toBe(judgement);
  });

  test.each(readings)("allows a start: $start, when $when", ({ read, known, start }) => {
    const verdict = mayStart(read, { record: known, server: "primary", readyRecordIds: ["op5"] });
    expect(verdict.isAllowed).toBe(start);
    expect(verdict.because === "").toBe(start);
  });

  test("allows no start while the takeover has not come to it", () => {
    const verdict = mayStart(own, { record: own, server: "primary", readyRecordIds: ["op4"] });
    expect(verdict).toEqual({ isAllowed: false, because: "the takeover of epoch 5 has not been completed here" });
  });

  test.each([
    { read: undefined, because: "the update server has no ownership record" },
    { read: { ...own, epoch: 4 }, because: "the update server answers epoch 4, but epoch 5 is known here" },
    { read: peers, because: "two different records of epoch 5 were seen" },
  ])("says why it confirms nothing: $because", ({ read, because }) => {
    expect(judgeRecord(read, own, "primary")).toEqual({ kind: "confirms-nothing", because });
  });
});

const claim: Claim = {
  operationId: "op6",
  previous: own,
  next: { epoch: 6, active: "secondary", operationId: "op6" },
  state: "sent",
  validUntilWallMs: 1000,
};

describe("the peer's question whether this server has claimed", () => {
  const base: GrantFacts = { server: "secondary", record: own, claim: null };
  test.each([
    { when: "nothing is claimed", change: {}, epoch: 5, because: "" },
    {
      when: "a claim is intended",
      change: { claim: { ...claim, state: "intended" as const } },
      epoch: 5,
      because: "claim of operation op6 is decided",
    },
    { when: "a claim was sent", change: { claim }, epoch: 5, because: "claim of operation op6 is decided" },
    { when: "no record is known", change: { record: null }, epoch: 5, because: "no ownership record is known here" },
    { when: "it asks for an older epoch", change: {}, epoch: 4, because: "epoch 5 is known here, not 4" },
    { when: "it asks for a newer epoch", change: {}, epoch: 6, because: "epoch 5 is known here, not 6" },
    { when: "this server owns the name", change: { record: peers }, epoch: 5, because: "the record names this server" },
  ])("is answered when $when", ({ change, epoch, because }) => {
    expect(decideGrant({ ...base, ...change }, epoch)).toEqual({ isGranted: because === "", because });
  });
});

describe("whether a server that serves may go on", () => {
  const base: ServingFacts = {
    server: "primary",
    record: own,
    confirmedAgeSeconds: Infinity,
    peerPromise: { sequence: 3, kind: null },
    updateServerSite: "elsewhere",
    areExternalResourcesAvailable: true,
  };
  const unconfirmed = "ownership is unconfirmed for longer than 60 s";
  test.each<{ when: string; change: Partial<ServingFacts>; kind: "may-serve" | "must-stop"; because: string }>([
    { when: "it was never confirmed", change: {}, kind: "must-stop", because: unconfirmed },
    {
      when: "the confirmation is below the limit",
      change: { confirmedAgeSeconds: 59.9 },
      kind: "may-serve",
      because: "ownership was confirmed",
    },
    {
      when: "the confirmation is at the limit",
      change: { confirmedAgeSeconds: 60 },
      kind: "may-serve",
      because: "ownership was confirmed",
    },
    {
      when: "the confirmation is above the limit",
      change: { confirmedAgeSeconds: 60.1 },
      kind: "must-stop",
      because: unconfirmed,
    },
    {
      when: "no record is known",
      change: { record: null, confirmedAgeSeconds: 0 },
      kind: "must-stop",
      because: "no ownership record is known",
    },
    {
      when: "the peer owns the name, however fresh the confirmation",
      change: { record: peers, confirmedAgeSeconds: 0 },
      kind: "must-stop",
      because: "the secondary owns the name since epoch 5",
    },
    {
      when: "the peer owns the name and has promised",
      change: { record: peers, peerPromise: { sequence: 4, kind: "stopped" } },
      kind: "must-stop",
      because: "the secondary owns the name since epoch 5",
    },
    {
      when: "another name server shows a later claim, whatever the peer has promised",
      change: { refutedBecause: "shown", peerPromise: { sequence: 4, kind: "stopped" } },
      kind: "must-stop",
      because: "shown",
    },
    {
      when: "the peer was stopped in order",
      change: { peerPromise: { sequence: 4, kind: "stopped" } },
      kind: "may-serve",
      because: "the peer has promised not to claim (stopped)",
    },
    {
      when: "the peer is turned off",
      change: { peerPromise: { sequence: 4, kind: "turned-off" } },
      kind: "may-serve",
      because: "the peer has promised not to claim (turned-off)",
    },
    {
      when: "the peer does not switch by itself",
      change: { peerPromise: { sequence: 4, kind: "not-automatic" } },
      kind: "may-serve",
      because: "the peer has promised not to claim (not-automatic)",
    },
    {
      when: "the peer is blocked",
      change: { peerPromise: { sequence: 4, kind: "configuration-error" } },
      kind: "may-serve",
      because: "the peer has promised not to claim (configuration-error)",
    },
    {
      when: "it is the secondary, which the primary never replaces by itself",
      change: { server: "secondary", record: peers },
      kind: "may-serve",
      because: "the primary claims only when an operator says so",
    },
    {
      when: "the update server stands at the spare's site",
      change: { updateServerSite: "secondary" },
      kind: "may-serve",
      because: "assumption: with this server's internet working, the spare's site is what is lost",
    },
    {
      when: "the update server stands there and its own line is down",
      change: { updateServerSite: "secondary", areExternalResourcesAvailable: false },
      kind: "must-stop",
      because: unconfirmed,
    },
    {
      when: "the update server stands at its own site",
      change: { updateServerSite: "primary" },
      kind: "must-stop",
      because: unconfirmed,
    },
  ])("$kind when $when", ({ change, kind, because }) => {
    expect(decideServing({ ...base, ...change }, limits)).toEqual({ kind, because });
  });
});

describe("a claim whose answer is missing", () => {
  const margin = 100;
  test.each<{
    when: string;
    read: OwnershipRecord | undefined;
    claim?: Partial<Claim>;
    nowMs?: number;
    judgement: object;
  }>([
    { when: "the record is its own", read: claim.next, judgement: { kind: "won" } },
    { when: "there is no record", read: undefined, judgement: { kind: "open", mayStillCome: true } },
    {
      when: "the old record stands and time is left",
      read: own,
      nowMs: 1099,
      judgement: { kind: "open", mayStillCome: true },
    },
    {
      when: "the old record stands at the end of its time",
      read: own,
      nowMs: 1100,
      judgement: { kind: "open", mayStillCome: true },
    },
    {
      when: "the old record stands after its time",
      read: own,
      nowMs: 1101,
      judgement: { kind: "open", mayStillCome: false },
    },
    {
      when: "it never left",
      read: own,
      claim: { state: "intended" },
      nowMs: 0,
      judgement: { kind: "open", mayStillCome: false },
    },
    {
      when: "an older record is shown, long after its time",
      read: { ...own, epoch: 4 },
      nowMs: 9999,
      judgement: { kind: "open", mayStillCome: true },
    },
    {
      when: "another claim of the same epoch has won",
      read: { ...claim.next, operationId: "x" },
      judgement: { kind: "lost", because: "the record now says epoch 6, active secondary" },
    },
    {
      when: "the record has gone on",
      read: { ...own, epoch: 7 },
      judgement: { kind: "lost", because: "the record now says epoch 7, active primary" },
    },
    {
      when: "the old epoch has another text",
      read: { ...own, operationId: "x" },
      judgement: { kind: "lost", because: "the record now says epoch 5, active primary" },
    },
  ])("is judged when $when", ({ read, claim: change = {}, nowMs = 0, judgement }) => {
    expect(judgeClaim({ ...claim, ...change }, read, nowMs, margin)).toEqual(judgement);
  });
});

test("a claim writes the next epoch with its own name and operation", () => {
  expect(nextRecord(own, "secondary", "op6")).toEqual({ epoch: 6, active: "secondary", operationId: "op6" });
});

test("a claimant waits for the fence, the stop and the margin", () => {
  expect(takeoverWaitSeconds(limits)).toBe(100);
});
