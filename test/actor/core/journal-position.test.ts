import { describe, expect, test } from "@jest/globals";
import {
  decideApply,
  decidePromotion,
  decideSession,
  type AppliedState,
  type JournalState,
  type SourcePosition,
  type TargetPosition,
} from "../../../actor/core/journal-position.js";

const applied: AppliedState = { history: "ha", point: 5, attempt: "a5", stage: "complete", completeUpToMs: 1 };
const state: JournalState = {
  history: "hb",
  parent: { history: "", point: 0, attempt: "" },
  shippedPoint: 0,
  sending: undefined,
  epoch: 3,
  mode: "standby",
  promotedEpoch: 0,
  hasBeenSource: false,
  applied,
  captureOffBecause: "",
  verifiedAtMs: 0,
  isCopyRequested: false,
  chunksRead: 0,
  newestChunk: 0,
};

describe("decideSession", () => {
  const source: SourcePosition = {
    history: "ha",
    parent: { history: "", point: 0, attempt: "" },
    shippedPoint: 5,
    sending: undefined,
    isCopyRequested: false,
    chunksRead: 40,
    marks: { "public.t": "m1", "public.u": "m2" },
    copied: { "public.t": "b1", "public.u": "b2" },
  };
  const target: TargetPosition = {
    history: "hb",
    shippedPoint: 0,
    sending: undefined,
    applied,
    newestChunk: 40,
    marks: { "public.t": "b1", "public.u": "b2" },
    copied: { "public.t": "m1", "public.u": "m2" },
  };
  const promoted = { ...source, history: "new", parent: { history: "hb", point: 8, attempt: "b8" }, shippedPoint: 0 };
  const sending = { point: 6, attempt: "a6", snapshot: "1:1:" };

  test.each([
    { when: "both know of the same point", s: source, t: target, kind: "continue" },
    {
      when: "nothing was sent yet",
      s: { ...source, shippedPoint: 0 },
      t: { ...target, applied: { ...applied, point: 0, attempt: "" } },
      kind: "continue",
    },
    {
      when: "the answer to the last point was lost",
      s: { ...source, shippedPoint: 4, sending: { ...sending, point: 5, attempt: "a5" } },
      t: target,
      kind: "continue",
    },
    { when: "the last point did not arrive", s: { ...source, sending }, t: target, kind: "continue" },
    {
      when: "the same number was another reading",
      s: { ...source, shippedPoint: 4, sending: { ...sending, point: 5, attempt: "zz" } },
      t: target,
      kind: "reinitialise",
    },
    { when: "the target was restored", s: { ...source, shippedPoint: 9 }, t: target, kind: "reinitialise" },
    { when: "the source was restored", s: { ...source, shippedPoint: 3 }, t: target, kind: "reinitialise" },
    {
      when: "a copy has not ended",
      s: source,
      t: { ...target, applied: { ...applied, stage: "copying" as const } },
      kind: "resume-copy",
    },
    { when: "the target is empty", s: source, t: { ...target, applied: undefined }, kind: "reinitialise" },
    {
      when: "the target follows another history",
      s: source,
      t: { ...target, applied: { ...applied, history: "x" } },
      kind: "reinitialise",
    },
    {
      when: "a table has another journal or another shape",
      s: source,
      t: { ...target, copied: { "public.t": "m1", "public.u": "older" } },
      kind: "copy-tables",
    },
    {
      when: "a table is new",
      s: source,
      t: { ...target, copied: { "public.t": "m1" } },
      kind: "copy-tables",
    },
    {
      when: "a table is gone on the source",
      s: { ...source, marks: { "public.t": "m1" } },
      t: target,
      kind: "continue",
    },
    { when: "a copy is asked for", s: { ...source, isCopyRequested: true }, t: target, kind: "reinitialise" },
    {
      when: "a copy has not ended and one side was restored",
      s: { ...source, shippedPoint: 4 },
      t: { ...target, applied: { ...applied, stage: "copying" as const } },
      kind: "reinitialise",
    },
    ...(["copying", "catching-up"] as const).map((stage) => ({
      when: `the source was restored to a time before the newest chunk of a copy, which is ${stage}`,
      s: { ...source, chunksRead: 39 },
      t: { ...target, applied: { ...applied, stage } },
      kind: "reinitialise",
    })),
    {
      when: "the target is the old source, all shipped",
      s: promoted,
      t: { ...target, shippedPoint: 8 },
      kind: "adopt",
    },
    {
      when: "the target is the old source, one answer lost",
      s: promoted,
      t: { ...target, shippedPoint: 7, sending: { point: 8, attempt: "b8" } },
      kind: "adopt",
    },
    { when: "the old source was restored", s: promoted, t: { ...target, shippedPoint: 6 }, kind: "reinitialise" },
    {
      when: "this database was restored after the promotion",
      s: promoted,
      t: { ...target, shippedPoint: 9 },
      kind: "reinitialise",
    },
  ])("$when: $kind", ({ s, t, kind }) => {
    expect(decideSession(s, t).kind).toBe(kind);
  });

  test("names the tables to be copied, and at an adoption those whose journal was never interrupted", () => {
    const older = { ...target, copied: { "public.t": "m1", "public.u": "older" } };
    expect(decideSession(source, older)).toMatchObject({ tables: ["public.u"], point: 5 });
    const mended = { ...target, shippedPoint: 8, marks: { "public.t": "b1", "public.u": "mended" } };
    expect(decideSession(promoted, mended)).toEqual({ kind: "adopt", tables: ["public.t"] });
  });

  test("knows whether the unanswered point arrived, for then it is trimmed", () => {
    const lost = { ...source, shippedPoint: 4, sending: { ...sending, point: 5, attempt: "a5" } };
    expect(decideSession(lost, target)).toMatchObject({ point: 5, isSendingApplied: true });
    expect(decideSession({ ...source, sending }, target)).toMatchObject({ point: 5, isSendingApplied: false });
  });
});

describe("decideApply", () => {
  const next = { epoch: 3, history: "ha", point: 6, attempt: "a6" };
  test.each([
    { when: "it is the next", header: next, kind: "apply" },
    { when: "a newer epoch sends it", header: { ...next, epoch: 4 }, kind: "apply" },
    { when: "it is delivered again", header: { ...next, point: 5, attempt: "a5" }, kind: "already-applied" },
    {
      when: "the number is there, but of another reading",
      header: { ...next, point: 5, attempt: "zz" },
      kind: "refuse",
    },
    { when: "one is missing before it", header: { ...next, point: 7 }, kind: "refuse" },
    { when: "it is of another history", header: { ...next, history: "x" }, kind: "refuse" },
    { when: "its epoch is over", header: { ...next, epoch: 2 }, kind: "refuse" },
    {
      when: "its epoch is over, though it was applied before",
      header: { ...next, epoch: 2, point: 5, attempt: "a5" },
      kind: "refuse",
    },
  ])("$when: $kind", ({ header, kind }) => {
    expect(decideApply(state, header).kind).toBe(kind);
  });

  test.each(["open", "closed"] as const)("refuses everything where the database is %s, not a target", (mode) => {
    expect(decideApply({ ...state, mode }, next).kind).toBe("refuse");
  });

  test("refuses points during a copy and takes the first one after it", () => {
    expect(decideApply({ ...state, applied: { ...applied, stage: "copying" } }, next).kind).toBe("refuse");
    expect(decideApply({ ...state, applied: { ...applied, stage: "catching-up" } }, next).kind).toBe("apply");
    expect(decideApply({ ...state, applied: undefined }, next).kind).toBe("refuse");
  });
});

describe("decidePromotion", () => {
  test.each([
    { when: "it is a whole copy", facts: state, epoch: 3, kind: "promote" },
    { when: "the epoch is over", facts: state, epoch: 2, kind: "refuse" },
    {
      when: "it is half a copy",
      facts: { ...state, applied: { ...applied, stage: "copying" as const } },
      epoch: 3,
      kind: "refuse",
    },
    {
      when: "the copy is not consistent yet",
      facts: { ...state, applied: { ...applied, stage: "catching-up" as const } },
      epoch: 3,
      kind: "refuse",
    },
    { when: "it was never filled", facts: { ...state, applied: undefined }, epoch: 3, kind: "refuse" },
    {
      when: "it is the old source, not yet even",
      facts: { ...state, applied: undefined, hasBeenSource: true },
      epoch: 3,
      kind: "promote",
    },
    {
      when: "it was adopted and nothing arrived yet",
      facts: { ...state, applied: { ...applied, stage: "adopted" as const } },
      epoch: 3,
      kind: "promote",
    },
    {
      when: "it is promoted already",
      facts: { ...state, mode: "open" as const, promotedEpoch: 3 },
      epoch: 3,
      kind: "already-promoted",
    },
  ])("$when: $kind", ({ facts, epoch, kind }) => {
    expect(decidePromotion(facts, epoch).kind).toBe(kind);
  });
});
