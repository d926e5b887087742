import { expect, test } from "@jest/globals";
import { decideFileSafety, isApproved, type FileSafetyFacts } from "../../../actor/core/file-safety.js";

const limits = { largestShareGone: 0.5, largestNumberGone: 100 };
const safe: FileSafetyFacts = {
  sourceRoot: "folder",
  mountPoint: "/srv",
  knownMountPoint: "/srv",
  missingMounts: [],
  isSourceEmpty: false,
  filesOnTarget: 400,
  filesGone: 0,
  filesReplaced: 0,
};

test.each<{ when: string; change: Partial<FileSafetyFacts>; isSafe: boolean }>([
  { when: "nothing is gone", change: {}, isSafe: true },
  { when: "the root is missing", change: { sourceRoot: "missing" }, isSafe: false },
  { when: "the root is no folder", change: { sourceRoot: "not-a-folder" }, isSafe: false },
  {
    when: "the source is empty and the target is not",
    change: { isSourceEmpty: true, filesOnTarget: 1 },
    isSafe: false,
  },
  { when: "both are empty", change: { isSourceEmpty: true, filesOnTarget: 0 }, isSafe: true },
  { when: "half is gone", change: { filesGone: 200 }, isSafe: true },
  { when: "more than half is gone", change: { filesGone: 201 }, isSafe: false },
  { when: "more than half of a few is gone", change: { filesOnTarget: 100, filesGone: 100 }, isSafe: true },
  { when: "one more than a few is gone", change: { filesOnTarget: 101, filesGone: 101 }, isSafe: false },
  { when: "the file system is not mounted", change: { mountPoint: "/" }, isSafe: false },
  { when: "a file system inside is not mounted", change: { missingMounts: ["a/b"] }, isSafe: false },
  { when: "where it was mounted is not known", change: { mountPoint: "/", knownMountPoint: "" }, isSafe: true },
  { when: "there are more than before", change: { filesGone: -5 }, isSafe: true },
  { when: "nine of ten were replaced", change: { filesReplaced: 360 }, isSafe: true },
  { when: "more than that was replaced", change: { filesReplaced: 361 }, isSafe: false },
  { when: "all of a few were replaced", change: { filesOnTarget: 100, filesReplaced: 100 }, isSafe: true },
])("$when: $isSafe", ({ change, isSafe }) => {
  expect(decideFileSafety({ ...safe, ...change }, limits).isSafe).toBe(isSafe);
});

const vetoed: FileSafetyFacts = { ...safe, mountPoint: "/", isSourceEmpty: true, filesGone: 300, filesReplaced: 380 };

test.each<{ when: string; change: Partial<FileSafetyFacts>; approved?: Partial<FileSafetyFacts>; holds: boolean }>([
  { when: "for the same", change: {}, holds: true },
  { when: "for less", change: { filesGone: 299, isSourceEmpty: false }, holds: true },
  { when: "not for one file more", change: { filesGone: 301 }, holds: false },
  { when: "not for one more that is replaced", change: { filesReplaced: 381 }, holds: false },
  {
    when: "for all that are gone, and so replaced",
    change: { filesReplaced: 390 },
    approved: { filesGone: 390 },
    holds: true,
  },
  {
    when: "for the same file system that is not mounted inside",
    change: { missingMounts: ["a"] },
    approved: { missingMounts: ["a", "b"] },
    holds: true,
  },
  {
    when: "not when another one inside goes",
    change: { missingMounts: ["a", "c"] },
    approved: { missingMounts: ["a", "b"] },
    holds: false,
  },
  { when: "not on yet another file system", change: { mountPoint: "/mnt" }, holds: false },
  { when: "not when the root goes", change: { sourceRoot: "missing" }, holds: false },
  {
    when: "not for an empty folder when it was not empty",
    change: {},
    approved: { isSourceEmpty: false },
    holds: false,
  },
])("an approval holds $when", ({ change, approved = {}, holds }) => {
  expect(isApproved({ ...vetoed, ...change }, { ...vetoed, ...approved })).toBe(holds);
});
