import { expect, test } from "@jest/globals";
import { describeTransfer, type TransferCounts } from "../../../actor/core/transfer-progress.js";

const half: TransferCounts = { doneFiles: 50, totalFiles: 100, doneBytes: 500, totalBytes: 1000, elapsedMs: 10_000 };

test.each<{ when: string; change: Partial<TransferCounts>; bytesPerSecond: number; secondsLeft: number }>([
  { when: "half is done", change: {}, bytesPerSecond: 50, secondsLeft: 10 },
  { when: "it has just begun", change: { elapsedMs: 999 }, bytesPerSecond: 0, secondsLeft: 0 },
  { when: "nothing is done", change: { doneFiles: 0, doneBytes: 0 }, bytesPerSecond: 0, secondsLeft: 0 },
  { when: "many small files are left", change: { doneFiles: 25 }, bytesPerSecond: 50, secondsLeft: 30 },
  { when: "a large file is left", change: { doneBytes: 250 }, bytesPerSecond: 25, secondsLeft: 30 },
  { when: "all files are empty", change: { doneBytes: 0, totalBytes: 0 }, bytesPerSecond: 0, secondsLeft: 10 },
  {
    when: "more was done than known",
    change: { doneFiles: 200, doneBytes: 2000 },
    bytesPerSecond: 200,
    secondsLeft: 0,
  },
])("when $when", ({ change, bytesPerSecond, secondsLeft }) => {
  expect(describeTransfer({ ...half, ...change })).toMatchObject({ bytesPerSecond, secondsLeft });
});
