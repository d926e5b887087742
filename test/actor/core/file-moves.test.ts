import { describe, expect, test } from "@jest/globals";
import { applyMoves, findMoves, foldersForMoves, type Identified } from "../../../actor/core/file-moves.js";
import type { FileKind } from "../../../actor/core/file-entry.js";

function entry(path: string, ino: bigint, kind: FileKind = "file", change: Partial<Identified> = {}): Identified {
  return { path, kind, size: kind === "file" ? 5 : 0, mtimeNs: 1_000_000n, mode: 0o644, ino, ...change };
}

/** Moves in words. `known`: what stood where on the source, by inode. */
function moves(
  source: Identified[],
  target: Identified[],
  known: readonly (readonly [string, bigint, FileKind?])[],
): string[] {
  const at = new Map(known.map(([path, ino, kind = "file"]) => [path, { ino, kind }]));
  return findMoves(source, target, (path) => at.get(path)).map(({ from, entry: { path } }) => `${from} → ${path}`);
}

describe("a move is found", () => {
  test.each([
    {
      when: "a file has another name",
      source: [entry("b", 7n)],
      target: [entry("a", 0n)],
      known: [["a", 7n]],
      found: ["a → b"],
    },
    {
      when: "nothing is known of the old name",
      source: [entry("b", 7n)],
      target: [entry("a", 0n)],
      known: [],
      found: [],
    },
    { when: "it is another file", source: [entry("b", 8n)], target: [entry("a", 0n)], known: [["a", 7n]], found: [] },
    {
      when: "the inode was given out again",
      source: [entry("b", 7n, "file", { size: 6 })],
      target: [entry("a", 0n)],
      known: [["a", 7n]],
      found: [],
    },
    {
      when: "it was changed as well",
      source: [entry("b", 7n, "file", { mtimeNs: 9_000_000n })],
      target: [entry("a", 0n)],
      known: [["a", 7n]],
      found: [],
    },
    {
      when: "the old name is still there",
      source: [entry("a", 7n), entry("b", 7n)],
      target: [entry("a", 0n)],
      known: [["a", 7n]],
      found: [],
    },
    {
      when: "the new name is taken on the target",
      source: [entry("b", 7n)],
      target: [entry("a", 0n), entry("b", 0n)],
      known: [["a", 7n]],
      found: [],
    },
    {
      when: "there are two new names for it",
      source: [entry("b", 7n), entry("c", 7n)],
      target: [entry("a", 0n)],
      known: [["a", 7n]],
      found: ["a → b"],
    },
    {
      when: "a folder has another name; not what is in it",
      source: [entry("new", 7n, "folder"), entry("new/x", 8n)],
      target: [entry("old", 0n, "folder"), entry("old/x", 0n)],
      known: [
        ["old", 7n, "folder"],
        ["old/x", 8n],
      ],
      found: ["old → new"],
    },
    {
      when: "a file left a folder that is gone",
      source: [entry("kept", 1n, "folder"), entry("kept/x", 8n)],
      target: [entry("kept", 0n, "folder"), entry("old", 0n, "folder"), entry("old/x", 0n)],
      known: [
        ["old", 7n, "folder"],
        ["old/x", 8n],
      ],
      found: ["old/x → kept/x"],
    },
    {
      when: "a second name of a file stands outside of the folder that moved",
      source: [entry("new", 7n, "folder"), entry("new/x", 8n), entry("other", 8n)],
      target: [entry("old", 0n, "folder"), entry("old/x", 0n)],
      known: [
        ["old", 7n, "folder"],
        ["old/x", 8n],
      ],
      found: ["old → new"],
    },
  ] as const)("when $when: $found", ({ source, target, known, found }) => {
    expect(moves([...source], [...target], known)).toEqual(found);
  });
});

test("after the moves the target's listing has the new paths, in order", () => {
  const target = ["a", "old", "old/x", "old-y", "z"].map((path) => entry(path, 0n, path === "old" ? "folder" : "file"));
  const moved = applyMoves(target, [{ from: "old", entry: entry("m/new", 7n, "folder") }]);
  expect(moved.map(({ path }) => path)).toEqual(["a", "m/new", "m/new/x", "old-y", "z"]);
});

test("folders that are missing around a new place are made first, the outer one first", () => {
  const source = ["m", "m/n", "m/n/new", "other"].map((path) => entry(path, 1n, "folder"));
  const one = { from: "old", entry: entry("m/n/new", 7n, "folder") };
  expect(foldersForMoves(source, [], [one]).map(({ path }) => path)).toEqual(["m", "m/n"]);
  expect(foldersForMoves(source, [entry("m", 0n, "folder")], [one]).map(({ path }) => path)).toEqual(["m/n"]);
});
