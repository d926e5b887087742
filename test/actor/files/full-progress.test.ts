import { expect, test } from "@jest/globals";
import { FullProgress } from "../../../actor/files/full-progress.js";
import type { PassProgress } from "../../../actor/files/pass.js";
import { folderStatus, newFacts } from "../../../actor/files/source-status.js";

const empty = { files: 0, bytes: 0 };
const nothingPending = { warnings: 0, dirty: 0, oldestPendingAtMs: 0, analysisAsked: undefined };

function open(source = { files: 90_000, bytes: 90_000 }, target = empty) {
  const told: PassProgress[] = [];
  // Both sides were looked at for a minute before.
  const progress = new FullProgress({ source, target, sinceMs: 60_000 }, (one) => told.push(one));
  const statusAt = (nowMs: number) => {
    const facts = { ...newFacts, isAnalysing: true, progress: told.at(-1)!, watchLimit: "", watchLosses: 0 };
    return folderStatus("uploads", facts, { ...nothingPending, nowMs });
  };
  return { progress, told, statusAt };
}

test("the first bar of a first copy knows the whole, and time left is right though folders are found one by one", () => {
  const { progress, told, statusAt } = open();
  expect(statusAt(60_000).transfer).toMatchObject({ doneFiles: 0, totalFiles: 90_000, totalBytes: 90_000 });
  for (let folder = 1; folder <= 300; folder += 1) {
    progress.noteFound(300, 300);
    progress.noteDone(folder * 300, folder * 300);
    const { transfer, progressRatio, pendingChanges } = statusAt(60_000 + folder * 100);
    expect(transfer?.totalFiles).toBe(90_000);
    expect(progressRatio).toBeCloseTo(folder / 300);
    expect(pendingChanges).toBe(90_000 - folder * 300);
    // Three thousand files in a second, and 30 s for all.
    if (folder >= 10) expect(Math.abs(transfer!.secondsLeft - (30 - folder / 10))).toBeLessThanOrEqual(1);
  }
  expect(told).toHaveLength(301);
});

test("the bar never goes down, also where more is found than numbers say", () => {
  const { progress, statusAt } = open({ files: 100, bytes: 1000 }, { files: 100, bytes: 1000 });
  const ratios: number[] = [];
  for (const [found, done] of [
    [10, 8],
    [50, 10],
    [0, 30],
    [40, 60],
    [0, 100],
  ] as const) {
    progress.noteFound(found, found * 10);
    progress.noteDone(done, done * 10);
    ratios.push(statusAt(70_000).progressRatio);
  }
  expect(ratios).toEqual([0.8, 0.8, 0.8, 0.8, 1]);
});
