import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { planDifferences, type PlannedOperation } from "../../../actor/core/file-diff.js";
import { comparePaths, isBelow, parentPath, type FileEntry, type FileKind } from "../../../actor/core/file-entry.js";

function entry(path: string, kind: FileKind = "file", change: Partial<FileEntry> = {}): FileEntry {
  return { path, kind, size: kind === "file" ? 1 : 0, mtimeNs: 1_000_000n, mode: 0o644, ...change };
}

const root = entry("", "folder");
const options = { unknown: [], changed: new Set<string>(), hasOwner: false };

/** The plan in words, one line for each operation. */
function plan(
  source: FileEntry[],
  target: FileEntry[],
  change: Partial<typeof options & { unknown: string[] }> = {},
): string[] {
  const { operations } = planDifferences([root, ...source], [root, ...target], { ...options, ...change });
  return operations.map((one) => `${one.do} ${one.entry.path}${one.do === "remove" ? ` (${one.reason})` : ""}`);
}

describe("a plan", () => {
  test.each([
    { when: "nothing differs", source: [entry("a")], target: [entry("a")], planned: [] },
    {
      when: "the time differs by what cannot be set",
      source: [entry("a")],
      target: [entry("a", "file", { mtimeNs: 1_000_999n })],
      planned: [],
    },
    {
      when: "the time differs by more",
      source: [entry("a")],
      target: [entry("a", "file", { mtimeNs: 1_001_000n })],
      planned: ["put-file a", "set-attributes "],
    },
    {
      when: "the size differs",
      source: [entry("a")],
      target: [entry("a", "file", { size: 2 })],
      planned: ["put-file a", "set-attributes "],
    },
    {
      when: "the mode differs",
      source: [entry("a")],
      target: [entry("a", "file", { mode: 0o600 })],
      planned: ["set-attributes a"],
    },
    { when: "a file is missing", source: [entry("a")], target: [], planned: ["put-file a", "set-attributes "] },
    { when: "a file is too many", source: [], target: [entry("a")], planned: ["remove a (gone)", "set-attributes "] },
    {
      when: "a folder's time differs",
      source: [entry("d", "folder")],
      target: [entry("d", "folder", { mtimeNs: 9_000_000n })],
      planned: ["set-attributes d"],
    },
    {
      when: "a link points elsewhere",
      source: [entry("l", "link", { linkTarget: "x" })],
      target: [entry("l", "link", { linkTarget: "y" })],
      planned: ["put-link l", "set-attributes "],
    },
    {
      when: "a link's mode differs, which means nothing",
      source: [entry("l", "link", { linkTarget: "x" })],
      target: [entry("l", "link", { linkTarget: "x", mode: 0 })],
      planned: [],
    },
    {
      when: "a link's time differs",
      source: [entry("l", "link", { linkTarget: "x" })],
      target: [entry("l", "link", { linkTarget: "x", mtimeNs: 0n })],
      planned: ["set-attributes l"],
    },
    {
      when: "a link becomes a file",
      source: [entry("a")],
      target: [entry("a", "link", { linkTarget: "x" })],
      planned: ["put-file a", "set-attributes "],
    },
    {
      when: "a FIFO stands where a file must be",
      source: [entry("a")],
      target: [entry("a", "other")],
      planned: ["put-file a", "set-attributes "],
    },
    { when: "the source has a device", source: [entry("a", "other")], target: [entry("a")], planned: [] },
  ])("when $when", ({ source, target, planned }) => {
    expect(plan(source, target)).toEqual(planned);
  });

  test("goes: out of the way, folders, contents, attributes, removals, folders' attributes", () => {
    const source = [
      entry("becomes-file"),
      entry("becomes-folder", "folder"),
      entry("becomes-folder/x"),
      entry("mode", "file", { mode: 0o600 }),
    ];
    const target = [
      entry("becomes-file", "folder"),
      entry("becomes-file/y"),
      entry("becomes-folder"),
      entry("mode"),
      entry("old", "folder"),
      entry("old/z"),
    ];
    expect(plan(source, target)).toEqual([
      "remove becomes-folder (in-the-way)",
      "remove becomes-file/y (in-the-way)",
      "remove becomes-file (in-the-way)",
      "make-folder becomes-folder",
      "put-file becomes-file",
      "put-file becomes-folder/x",
      "set-attributes mode",
      "remove old/z (gone)",
      "remove old (gone)",
      "set-attributes becomes-folder",
      "set-attributes ",
    ]);
  });

  test("puts a file whose content is known to differ although it looks the same", () => {
    expect(plan([entry("a")], [entry("a")], { changed: new Set(["a"]) })).toEqual(["put-file a", "set-attributes "]);
  });

  test("removes nothing where the source is not known", () => {
    const source = [entry("d", "folder")];
    const target = [entry("d", "folder"), entry("d/x"), entry("d-other"), entry("special")];
    expect(plan(source, target, { unknown: ["d", "special"] as never[] })).toEqual([
      "remove d-other (gone)",
      "set-attributes ",
    ]);
  });

  test("counts what would be gone and what is new", () => {
    const { filesGone, filesNew, bytes } = planDifferences(
      [root, entry("new", "file", { size: 7 }), entry("replaced", "file", { size: 3 })],
      [root, entry("gone"), entry("gone-folder", "folder"), entry("gone-folder/x"), entry("replaced")],
      options,
    );
    expect({ filesGone, filesNew, bytes }).toEqual({ filesGone: 2, filesNew: 1, bytes: 10 });
  });
});

const names = ["a", "a-b", "b", "c d"];
/** A tree as a list in walk order: a map of path to entry in which every parent is a folder. */
const tree = fc
  .array(
    fc.record({
      path: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
      kind: fc.constantFrom<FileKind>("file", "folder", "link"),
      size: fc.nat(2),
    }),
    { maxLength: 12 },
  )
  .map((things) => {
    const entries = new Map<string, FileEntry>([["", root]]);
    for (const { path, kind, size } of things) {
      if (entries.has(path) || entries.get(parentPath(path))?.kind !== "folder") continue;
      entries.set(
        path,
        entry(path, kind, kind === "link" ? { linkTarget: String(size) } : { size: kind === "file" ? size : 0 }),
      );
    }
    return [...entries.values()].sort((a, b) => comparePaths(a.path, b.path));
  });

/** Does an operation as a file system would, refusing what one would refuse. */
function perform(state: Map<string, FileEntry>, { do: kind, entry: wanted }: PlannedOperation): void {
  const there = state.get(wanted.path);
  if (wanted.path !== "" && state.get(parentPath(wanted.path))?.kind !== "folder")
    throw new Error(`no parent: ${wanted.path}`);
  if (kind === "remove") {
    if (there === undefined) throw new Error(`nothing to remove: ${wanted.path}`);
    if ([...state.keys()].some((path) => isBelow(path, wanted.path))) throw new Error(`not empty: ${wanted.path}`);
    state.delete(wanted.path);
  } else if (kind === "set-attributes") {
    if (there?.kind !== wanted.kind) throw new Error(`other kind: ${wanted.path}`);
    state.set(wanted.path, wanted);
  } else {
    if (there?.kind === "folder" || (kind === "make-folder" && there !== undefined))
      throw new Error(`in the way: ${wanted.path}`);
    state.set(wanted.path, wanted);
  }
}

test("any plan can be carried out in its order and makes the trees equal; interrupted anywhere, the next plan does", () => {
  fc.assert(
    fc.property(tree, tree, fc.nat(20), (source, target, cut) => {
      const state = new Map(target.map((one) => [one.path, one]));
      const first = planDifferences(source, target, options).operations;
      for (const operation of first.slice(0, cut)) perform(state, operation);
      const now = [...state.values()].sort((a, b) => comparePaths(a.path, b.path));
      for (const operation of planDifferences(source, now, options).operations) perform(state, operation);
      const end = [...state.values()].sort((a, b) => comparePaths(a.path, b.path));
      expect(end).toEqual(source);
      expect(planDifferences(source, end, options).operations).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
