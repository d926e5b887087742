import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { putFile } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";

let pair: FileTreePair;
beforeEach(() => {
  pair = new FileTreePair();
});
afterEach(async () => {
  await pair.end();
});

test("another folder stops the synchronisation as often as it is tried, and nothing of the strangers is sent, until a person approves", async () => {
  await pair.begin();
  for (let n = 0; n < 600; n += 1) putFile(pair.primaryRoot, `own/${n}`, `own ${n}`);
  await pair.primary.synchronise(never);
  fs.renameSync(pair.primaryRoot, `${pair.primaryRoot}-away`);
  // More than one batch of them, and more than there were.
  for (let n = 0; n < 1500; n += 1) putFile(pair.primaryRoot, `strange/${n}`, `strange ${n}`);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await expect(pair.primary.synchronise(never)).rejects.toThrow(/600 of 600 files are gone .* others stand there/);
    expect(fs.readdirSync(path.join(pair.secondaryRoot, "own"))).toHaveLength(600);
    expect(fs.existsSync(pair.target("strange"))).toBe(false);
  }
  expect(await pair.primary.approve?.("uploads")).toBe(true);
  await pair.primary.synchronise(never);
  expect(fs.existsSync(pair.target("own"))).toBe(false);
  expect(fs.readdirSync(pair.target("strange"))).toHaveLength(1500);
});
