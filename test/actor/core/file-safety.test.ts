import { expect, test } from "@jest/globals";
import { decideFileSafety, type FileSafetyFacts } from "../../../actor/core/file-safety.js";

const limits = { largestShareGone: 0.5, largestNumberGone: 100 };
const safe: FileSafetyFacts = { sourceRoot: "folder", isSourceEmpty: false, filesOnTarget: 400, filesGone: 0 };

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
  { when: "there are more than before", change: { filesGone: -5 }, isSafe: true },
])("$when: $isSafe", ({ change, isSafe }) => {
  expect(decideFileSafety({ ...safe, ...change }, limits).isSafe).toBe(isSafe);
});
