import { expect, test } from "@jest/globals";
import { createLiveText, followFolders, formatFolders } from "../../cli/files/follow-folders.js";
import { AppError } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { SyncItemStatus } from "../../shared/core/status.js";
import { sampleStatus } from "../support/sample-status.js";

const folder = sampleStatus().sync[0] as SyncItemStatus;
const whole: SyncItemStatus = { ...folder, pendingChanges: 0 };
const transfer = {
  doneFiles: 5,
  totalFiles: 10,
  doneBytes: 512,
  totalBytes: 1024,
  bytesPerSecond: 256,
  secondsLeft: 2,
};
const compared = (isUnderWay: boolean, hasContent: boolean): SyncItemStatus => ({
  ...whole,
  analysis: { isUnderWay, hasContent },
});
const copying: SyncItemStatus = { ...folder, isComplete: false, progressRatio: 0.5, transfer };

function clockWith(sleep: ClockPort["sleep"]): ClockPort {
  return { wallMs: () => 0, monotonicMs: () => 0, sleep };
}

test("a folder is followed until it is a whole copy with nothing under way, over times without an answer", async () => {
  const answers = [[copying], undefined, [copying], [copying], [{ ...whole, transfer }], [folder], [whole]];
  const shown: string[] = [];
  let reads = 0;
  const end = await followFolders({
    clock: clockWith(() => Promise.resolve()),
    signal: new AbortController().signal,
    read: () => {
      const answer = answers[reads];
      reads += 1;
      return answer ? Promise.resolve(answer) : Promise.reject(new AppError("ACTOR_UNREACHABLE", "away"));
    },
    show: (text) => shown.push(text),
  });
  expect(end).toEqual([whole]);
  expect(reads).toBe(answers.length);
  // Told once for each change.
  expect(shown).toHaveLength(6);
  expect(shown[0]).toBe(
    "uploads  ok  no whole copy yet, [##########----------] 50 % 5 of 10 files, 512 B of 1 KiB, 256 B/s, 2 s left",
  );
  expect(shown[1]).toMatch(/does not answer/);
  expect(shown.slice(-2)).toEqual(["uploads  ok  whole copy, 3 pending", "uploads  ok  whole copy"]);
});

test("a whole copy that is compared, or is to be, is not at rest", async () => {
  const answers = [[compared(false, true)], [compared(true, true)], [compared(true, false)], [whole]];
  const shown: string[] = [];
  await followFolders({
    clock: clockWith(() => Promise.resolve()),
    signal: new AbortController().signal,
    read: () => Promise.resolve(answers[shown.length] ?? [whole]),
    show: (text) => shown.push(text),
  });
  expect(shown).toEqual([
    "uploads  ok  whole copy, to be compared by content",
    "uploads  ok  whole copy, being compared by content",
    "uploads  ok  whole copy, being compared",
    "uploads  ok  whole copy",
  ]);
});

test("who interrupts is told that the synchronisation goes on; another failure is passed on", async () => {
  const stop = new AbortController();
  const options = {
    clock: clockWith(() => Promise.reject(new Error("aborted"))),
    signal: stop.signal,
    read: () => Promise.resolve([copying]),
    show: () => undefined,
  };
  await expect(followFolders(options)).rejects.toThrow(/goes on/);
  const refused = { ...options, read: () => Promise.reject(new AppError("NOT_ALLOWED", "no")) };
  await expect(followFolders(refused)).rejects.toMatchObject({ code: "NOT_ALLOWED" });
});

test("lines are written over on a terminal only", () => {
  const written: string[] = [];
  for (const isTerminal of [true, false]) {
    const show = createLiveText((text) => written.push(text), isTerminal);
    show("a\nb");
    show("c");
  }
  expect(written).toEqual(["a\nb\n", "\u001b[2A\u001b[Jc\n", "a\nb\n", "c\n"]);
});

test("a reason is shown behind the state", () => {
  expect(formatFolders([{ ...whole, health: "fatal", because: "it is not mounted" }])).toBe(
    "uploads  fatal  whole copy, it is not mounted",
  );
  expect(formatFolders([])).toBe("no folder is synchronised");
});
