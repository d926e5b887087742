import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import type { EntryState } from "../../../actor/core/folder-record.js";
import { nothingKnown } from "../../../actor/core/folder-record.js";
import { toState } from "../../../actor/files/folder-look.js";
import { RenameHalves, renameHalvesMs } from "../../../actor/files/rename-halves.js";
import { makeTemporaryFolder, putFile, removeTree } from "../../support/file-tree.js";

let root: string;
let known: Map<string, EntryState>;
let halves: RenameHalves;

beforeEach(() => {
  root = makeTemporaryFolder();
  known = new Map();
  for (const name of ["folder/a", "folder/b", "folder/c"]) {
    putFile(root, name, name);
    know(name);
  }
  know("folder");
  const find = (name: string) => {
    const state = known.get(name);
    return state && { state, known: nothingKnown };
  };
  halves = new RenameHalves({ root, store: { find } });
});
afterEach(() => {
  removeTree(root);
});

function know(name: string): void {
  known.set(name, toState(path.basename(name), fs.lstatSync(path.join(root, name), { bigint: true }), ""));
}

function rename(from: string, to: string): void {
  fs.renameSync(path.join(root, from), path.join(root, to));
}

/** What waits of the paths noticed. */
function heldOf(noticed: readonly string[], nowMs = 1000): string[] {
  return [...halves.holdBack(new Map(noticed.map((name) => [name, 0])), nowMs).keys()];
}

test.each([
  { when: "a file is gone, and where to is not known", held: ["folder/a"], noticed: ["folder/a", "folder/b"] },
  { when: "its new name was noticed as well", held: [], noticed: ["folder/a", "moved"] },
  { when: "another file came", held: ["folder/a"], noticed: ["folder/a", "other"] },
  { when: "a new folder came, which may hold it", held: [], noticed: ["folder/a", "new"] },
  { when: "a folder came that is known to be there", held: ["folder/a"], noticed: ["folder/a", "folder"] },
  { when: "nothing was known of what is gone", held: [], noticed: ["folder/unknown"] },
])("$when: $held waits", ({ noticed, held }) => {
  rename("folder/a", "moved");
  putFile(root, "other", "other");
  fs.mkdirSync(path.join(root, "new"));
  expect(heldOf(noticed)).toEqual(held);
});

test("a renamed folder says nothing about other things that are gone", () => {
  rename("folder/a", "moved");
  rename("folder", "renamed");
  expect(heldOf(["folder/a", "folder", "renamed"])).toEqual(["folder/a"]);
});

test("the wait ends when its time is over, however often the path was noticed meanwhile, and begins anew only after that", () => {
  fs.rmSync(path.join(root, "folder/a"));
  const untilMs = 1000 + renameHalvesMs;
  expect([...halves.holdBack(new Map([["folder/a", 0]]), 1000)]).toEqual([["folder/a", untilMs]]);
  expect([...halves.holdBack(new Map([["folder/a", 0]]), 1010)]).toEqual([["folder/a", untilMs]]);
  // Not asked for, because too much else was due.
  expect(heldOf(["folder/b"], 1020)).toEqual([]);
  expect(heldOf(["folder/a"], untilMs)).toEqual([]);
  expect(heldOf(["folder/a"], untilMs + 1)).toEqual(["folder/a"]);
});

test("of very many that are gone only the newest wait", () => {
  const names = Array.from({ length: 100 }, (_, n) => `folder/many-${n}`);
  for (const name of names) {
    putFile(root, name, "x");
    know(name);
    fs.rmSync(path.join(root, name));
  }
  expect(heldOf(names)).toEqual(names.slice(-64));
});
