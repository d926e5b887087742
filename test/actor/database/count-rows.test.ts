import { noConstraints } from "../../../actor/core/table-constraints.js";
import { beforeEach, expect, test } from "@jest/globals";
import type { AppliedState, JournalState } from "../../../actor/core/journal-position.js";
import { Applier } from "../../../actor/database/applier.js";
import type { DatabaseEngine, RowCounts } from "../../../actor/database/engine.js";
import { JournalReader } from "../../../actor/database/journal-reader.js";
import type { SideIo } from "../../../actor/database/side.js";
import { testSettings } from "../../support/database-fixture.js";
import { rememberLog } from "../../support/log-memory.js";
import { ManualClock } from "../../support/manual-clock.js";
import { MemoryLink } from "../../support/memory-link.js";

const { signal } = new AbortController();
const marks = { "dbo.t": "m", "dbo.u": "m" };
const state = {
  history: "h-1",
  parent: { history: "", point: 0, attempt: "" },
  epoch: 1,
  mode: "standby",
  shippedPoint: 7,
  isCopyRequested: false,
  chunksRead: 0,
  newestChunk: 0,
} as JournalState;
const applied: AppliedState = { history: "h-1", point: 7, attempt: "a", stage: "complete", completeUpToMs: 0 };

/** What the two sides' servers count: cheaply all tables, exactly those that are asked for. */
let target: { applied: AppliedState | undefined; counts: RowCounts };
let source: { counts: RowCounts };
let reader: JournalReader;

function counting(rows: Readonly<Record<string, number>>, pending: number): RowCounts {
  const of = (labels: readonly string[], extra: number) =>
    Promise.resolve(labels.map((table) => ({ table, rows: (rows[table] ?? 0) + extra, pending })));
  return { estimate: () => of(Object.keys(rows), 1000), count: (labels) => of(labels, 0) };
}

/** What the side counts with at this moment. */
function askedOf(side: { readonly counts: RowCounts }): RowCounts {
  return { estimate: () => side.counts.estimate(signal), count: (labels) => side.counts.count(labels, signal) };
}

function ioWith(engine: Partial<DatabaseEngine>, link: MemoryLink): SideIo {
  return {
    settings: testSettings("sqlserver", 1433, "shop"),
    engine: {
      readMarks: () => Promise.resolve({ own: marks, copied: marks, held: [] }),
      noteHeld: () => Promise.resolve(),
      ...engine,
    } as DatabaseEngine,
    link,
    clock: new ManualClock(),
    random: { id: () => "r" },
    log: rememberLog(),
    stateDirectory: "/none",
  };
}

beforeEach(() => {
  target = { applied, counts: counting({ "dbo.t": 5, "dbo.u": 6 }, 0) };
  source = { counts: counting({ "dbo.t": 0, "dbo.u": 6 }, 2) };
  const there = { readState: () => Promise.resolve({ ...state, applied: target.applied }), rowCounts: askedOf(target) };
  const here = { readState: () => Promise.resolve(state), rowCounts: askedOf(source) };
  const link = new MemoryLink();
  const prepared = { epoch: 1, fingerprint: "", tables: [], sequences: [], constraints: noConstraints };
  const view = { changes: 0, bytes: 0, applied: undefined, lastSuccessAtMs: 0, copiedTables: 0 };
  const applier = new Applier({ ...ioWith(there, new MemoryLink()) }, prepared, view, signal);
  link.handlers = {
    "database/position": (message) => applier.answer("position", message),
    "database/count": (message) => applier.answer("count", message),
  };
  reader = new JournalReader(ioWith(here, link), prepared, { copy: undefined, missingSequences: [], oneSided: [] });
});

test("both sides' own counts are set side by side", async () => {
  await reader.openSession(signal);
  expect(await reader.countRows(undefined, signal)).toEqual({
    source: [
      { table: "dbo.t", rows: 1000, pending: 2 },
      { table: "dbo.u", rows: 1006, pending: 2 },
    ],
    target: { "dbo.t": 1005, "dbo.u": 1006 },
  });
});

test("tables that are named are counted exactly on both sides", async () => {
  await reader.openSession(signal);
  expect(await reader.countRows(["dbo.t"], signal)).toEqual({
    source: [{ table: "dbo.t", rows: 0, pending: 2 }],
    target: { "dbo.t": 5 },
  });
});

test("nothing is said before it is known where the target is", async () => {
  expect(await reader.countRows(undefined, signal)).toBeUndefined();
});

test.each([
  ["is at another point", { ...applied, point: 8 }],
  ["follows another history", { ...applied, history: "h-2" }],
  ["is being copied", { ...applied, stage: "copying" as const }],
  ["follows nobody", undefined],
])("nothing is said when the target %s meanwhile", async (_, now) => {
  await reader.openSession(signal);
  target.applied = now;
  expect(await reader.countRows(undefined, signal)).toBeUndefined();
});

test("nothing is said where a side cannot count", async () => {
  await reader.openSession(signal);
  const { counts } = target;
  target.counts = { ...counts, estimate: () => Promise.resolve(undefined) };
  expect(await reader.countRows(undefined, signal)).toBeUndefined();
  source.counts = target.counts;
  target.counts = counts;
  expect(await reader.countRows(undefined, signal)).toBeUndefined();
});
