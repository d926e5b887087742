import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { encodeBatch } from "../../../actor/core/journal-wire.js";
import { EarlyApply } from "../../../actor/database/early-apply.js";
import type { ApplyResult, StagedPoint } from "../../../actor/database/engine.js";
import { Spool } from "../../../actor/database/spool.js";
import { ManualClock } from "../../support/manual-clock.js";

const never = new AbortController().signal;
const header = { epoch: 1, history: "h", point: 7, attempt: "x", completeUpToMs: 5 };
const frame = encodeBatch({ kind: "rows", table: "public.t", columns: ["id"], rows: 1, text: Buffer.from("1\n") });
const range = { table: "public.t", after: undefined, upTo: undefined, rows: 1, sum: "1", isDetailed: false };

let spool: Spool;
let clock: ManualClock;
/** What the database did, in order. */
let steps: string[];

beforeEach(() => {
  spool = new Spool("/nowhere");
  clock = new ManualClock();
  steps = [];
});
afterEach(() => spool.clear());

/** Writes batch by batch, as the databases do. */
const engine = {
  applyPoint: async (point: StagedPoint): Promise<ApplyResult> => {
    const { batches, ranges, ...head } = point;
    expect(head).toEqual(header);
    try {
      for await (const { kind } of batches()) steps.push(kind);
    } catch (error) {
      steps.push("rolled back");
      throw error;
    }
    steps.push(`committed with ${String(ranges().length)} ranges`);
    return { outcome: "applied", answers: [] };
  },
};

function begin(applying: { applyPoint: (point: StagedPoint) => Promise<ApplyResult> } = engine): EarlyApply {
  return new EarlyApply({ engine: applying, clock }, header, spool, never);
}

const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test("writes what has arrived, and commits only when it is said that this is all", async () => {
  await spool.append(frame);
  const early = begin();
  await spool.append(frame);
  early.noteArrival();
  await turns();
  expect(steps).toEqual(["rows", "rows"]);
  expect(await early.end([range], spool)).toEqual({ outcome: "applied", answers: [] });
  expect(steps).toEqual(["rows", "rows", "committed with 1 ranges"]);
});

test("what is given up is rolled back, and the end of the point then has no result", async () => {
  await spool.append(frame);
  const early = begin();
  await turns();
  await early.giveUp();
  expect(steps).toEqual(["rows", "rolled back"]);
  expect(await early.end([], spool)).toBeUndefined();
});

test("what is said to be whole is no longer given up", async () => {
  await spool.append(frame);
  const early = begin();
  const ending = early.end([], spool);
  await early.giveUp();
  expect(await ending).toEqual({ outcome: "applied", answers: [] });
});

test("a source that is silent for ten seconds is waited for no longer; each arrival counts anew", async () => {
  await spool.append(frame);
  const early = begin();
  await turns();
  await clock.advance(9);
  early.noteArrival();
  await clock.advance(9);
  await turns();
  expect(steps).toEqual(["rows"]);
  await clock.advance(1);
  await turns();
  expect(steps).toEqual(["rows", "rolled back"]);
  expect(await early.end([], spool)).toBeUndefined();
});

test("a failure is nobody's problem yet: the point is applied from its beginning", async () => {
  const early = begin({ applyPoint: () => Promise.reject(new Error("deadlock")) });
  await turns();
  expect(await early.end([], spool)).toBeUndefined();
});
