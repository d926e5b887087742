import { expect, test } from "@jest/globals";
import { formatTransfer } from "../../../cli/status-text.js";
import { emptySource, type StatusFacts, statusOf } from "../../../actor/database/sync-status.js";

const known: StatusFacts = {
  name: "shop",
  role: "source",
  problem: undefined,
  isCopyNeeded: false,
  source: { ...emptySource, completeUpToMs: 1000 },
  journal: { rows: 0, bytes: 0 },
  verification: { isRunning: false, table: "", rows: 0, differences: 0, verifiedAtMs: 0, unverified: [] },
  target: { applied: undefined, changes: 0, bytes: 0, lastSuccessAtMs: 0, copiedTables: 0 },
  stagedBatches: 0,
  tableCount: 2,
};
const transfer = {
  ...{ table: "orders", rows: 5, doneFiles: 1, totalFiles: 2, doneBytes: 50, totalBytes: 500 },
  ...{ bytesPerSecond: 10, secondsLeft: 45 },
};
const copy = { done: 1, total: 2, table: "orders", rows: 5, bytes: 50, ratio: 0.1, transfer };

test("a source that copies says how far it is by size, in which table, and how fast", () => {
  const status = statusOf({ ...known, source: { ...emptySource, copy } });
  expect(status).toMatchObject({ isReinitialising: true, progressRatio: 0.1, transfer });
  expect(formatTransfer(transfer, status.progressRatio)).toBe(
    "[##------------------] 10 % 1 of 2 tables (orders), 5 rows, 50 B of 500 B, 10 B/s, 45 s left",
  );
});

test.each<{ when: string; facts: Partial<StatusFacts>; isComplete: boolean; isCopyNeeded: boolean }>([
  { when: "whose target is whole", facts: {}, isComplete: true, isCopyNeeded: false },
  { when: "that has just started", facts: { source: emptySource }, isComplete: false, isCopyNeeded: false },
  { when: "whose target cannot go on", facts: { isCopyNeeded: true }, isComplete: false, isCopyNeeded: true },
  {
    when: "that makes the copy that is needed",
    facts: { isCopyNeeded: true, source: { ...emptySource, copy } },
    isComplete: false,
    isCopyNeeded: false,
  },
])("a source $when: whole $isComplete, copy needed $isCopyNeeded", ({ facts, isComplete, isCopyNeeded }) => {
  expect(statusOf({ ...known, ...facts })).toMatchObject({ isComplete, isCopyNeeded });
});

test("a target that does not know itself yet asks for no copy: the source decides", () => {
  expect(statusOf({ ...known, role: "target" })).toMatchObject({ isComplete: false, isCopyNeeded: false });
});

test("a sequence that the target lacks is a warning on the source, as long as nothing worse is known", () => {
  const source = { ...emptySource, missingSequences: ["a", "b", "c", "d", "e", "f"].map((name) => `dbo.${name}`) };
  const named = { health: "warning", because: expect.stringContaining("dbo.d, dbo.e and 1 more;") };
  expect(statusOf({ ...known, source })).toMatchObject(named);
  expect(statusOf({ ...known, source, role: "target" })).toMatchObject({ health: "ok", because: "" });
  const problem = { health: "fatal", because: "the disk is full" } as const;
  expect(statusOf({ ...known, source, problem })).toMatchObject(problem);
});

test("constraints that differ are a warning on the source, the first of them by name", () => {
  const oneSided = [1, 2, 3, 4].map((n) => ({ table: "dbo.t", isRefusing: false, name: "n", message: `rule ${n}` }));
  const status = statusOf({ ...known, source: { ...emptySource, oneSided, missingSequences: ["dbo.s"] } });
  expect(status).toMatchObject({
    health: "warning",
    because: expect.stringMatching(/^rule 1; rule 2; rule 3; 1 more constraints differ; .*no sequence dbo\.s;/),
  });
  expect(statusOf({ ...known, role: "target", source: { ...emptySource, oneSided } })).toMatchObject({ health: "ok" });
});
