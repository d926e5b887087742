import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { comparePaths } from "../../../actor/core/file-entry.js";
import { everything } from "../../../actor/core/folder-rules.js";
import { scanPaths } from "../../../actor/files/scanner.js";
import { makeTemporaryFolder, makeVariedTree, putFile, removeTree } from "../../support/file-tree.js";

let root: string;
beforeEach(() => {
  root = makeTemporaryFolder();
});
afterEach(() => {
  removeTree(root);
});

async function scan(paths: readonly string[], after?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const slice of scanPaths(root, paths, everything, { after }))
    found.push(...slice.entries.map((entry) => entry.path));
  return found;
}

test("a walk is in order, names each thing once, and can go on after any of them", async () => {
  makeVariedTree(root);
  const all = await scan([""]);
  expect(all).toEqual([...new Set(all)].sort(comparePaths));
  expect(all).toContain("sub/.deleted");
  for (const [index, after] of all.entries()) expect(await scan([""], after)).toEqual(all.slice(index + 1));
});

test("only the wanted paths are given, with the folders above and all below them", async () => {
  for (const name of ["a/b/c", "a/b/d/e", "a/x", "z/y"]) putFile(root, name, "x");
  expect(await scan(["a/b", "nothing/here"])).toEqual(["", "a", "a/b", "a/b/c", "a/b/d", "a/b/d/e"]);
  expect(await scan(["z/y"])).toEqual(["", "z", "z/y"]);
  expect(await scan([])).toEqual([""]);
  expect(await scan(["a", "a/b/c"])).toEqual(["", "a", "a/b", "a/b/c", "a/b/d", "a/b/d/e", "a/x"]);
});

test("what SpareSync keeps in the root is left out", async () => {
  putFile(root, ".deleted/x", "x");
  putFile(root, ".sparesync/tmp/x", "x");
  expect(await scan([""])).toEqual([""]);
});

test("a link to a folder is not entered, wanted or not", async () => {
  putFile(root, "folder/file", "x");
  fs.symlinkSync("folder", path.join(root, "link"));
  expect(await scan([""])).toEqual(["", "folder", "folder/file", "link"]);
  expect(await scan(["link/file"])).toEqual(["", "link"]);
});

test("a walk over many entries lets others run in between", async () => {
  for (let n = 0; n < 700; n += 1) fs.symlinkSync("x", path.join(root, `l${n}`));
  const walk = { turns: 0, isOver: false };
  const others = (async () => {
    for (; !walk.isOver; walk.turns += 1) await new Promise((resolve) => setImmediate(resolve));
  })();
  await scan([""]);
  walk.isOver = true;
  await others;
  expect(walk.turns).toBeGreaterThanOrEqual(2);
});
