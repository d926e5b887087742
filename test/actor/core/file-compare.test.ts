import { expect, test } from "@jest/globals";
import { basisOf, compareFiles, type FileDoubts, type FileVerdict } from "../../../actor/core/file-compare.js";
import { settableSeconds, wholeMicroseconds, type FileEntry } from "../../../actor/core/file-entry.js";

const file: FileEntry = { path: "a", kind: "file", size: 5, mtimeNs: 7000n, mode: 0o644, uid: 1, gid: 1 };
const none: FileDoubts = { isSourceDoubtful: false, isTargetDoubtful: false, hasOwner: true };

test.each<{ when: string; target: Partial<FileEntry>; doubts: Partial<FileDoubts>; verdict: FileVerdict }>([
  { when: "nothing differs", target: {}, doubts: {}, verdict: "same" },
  { when: "the size differs", target: { size: 6 }, doubts: {}, verdict: "content" },
  { when: "the time differs", target: { mtimeNs: 8000n }, doubts: {}, verdict: "content" },
  { when: "the source has a doubt", target: {}, doubts: { isSourceDoubtful: true }, verdict: "content" },
  { when: "the target has a doubt", target: {}, doubts: { isTargetDoubtful: true }, verdict: "content" },
  { when: "the mode differs", target: { mode: 0o600 }, doubts: {}, verdict: "attributes" },
  { when: "the owner differs", target: { uid: 2 }, doubts: {}, verdict: "attributes" },
  { when: "the group differs", target: { gid: 2 }, doubts: {}, verdict: "attributes" },
  { when: "an owner differs that is not kept", target: { uid: 2 }, doubts: { hasOwner: false }, verdict: "same" },
  { when: "mode and time differ", target: { mode: 0o600, mtimeNs: 9000n }, doubts: {}, verdict: "content" },
])("two files when $when: $verdict", ({ target, doubts, verdict }) => {
  expect(compareFiles(file, { ...file, ...target }, { ...none, ...doubts })).toBe(verdict);
});

test("the target's hash counts only for a file of the same size", () => {
  const contentHash = "ab";
  expect(basisOf(file, { ...file, contentHash }, none)).toEqual({ size: 5, contentHash, isSettled: true });
  expect(basisOf(file, { ...file, size: 6, contentHash }, none)).toEqual({ size: 6, isSettled: true });
  expect(basisOf(file, { ...file, mtimeNs: 1n }, none)).toEqual({ size: 5, isSettled: false });
  expect(basisOf(file, file, { ...none, isTargetDoubtful: true })).toEqual({ size: 5, isSettled: false });
});

test.each([
  { ns: 0n, micros: 0n, seconds: "5e-7" },
  { ns: 1_732_250_000_123_456_789n, micros: 1_732_250_000_123_456n, seconds: "1732250000.1234565" },
  { ns: -1n, micros: -1n, seconds: "-0.0000015" },
  { ns: -1_500_000_000n, micros: -1_500_000n, seconds: "-1.5000005" },
])("the time $ns is set as $seconds seconds", ({ ns, micros, seconds }) => {
  expect(wholeMicroseconds(ns)).toBe(micros);
  expect(Number(settableSeconds(ns))).toBe(Number(seconds));
});
