import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { listFiles, putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";
import { until } from "../../support/until.js";

const sizes = [4096, 5_000_000];
const time = new Date(1_600_000_000_000);
let pair: FileTreePair;
beforeEach(() => {
  pair = new FileTreePair({ settings: { delaySeconds: 0.3 } });
});
afterEach(async () => {
  await pair.end();
});

function put(name: string, bytes: number, letter: string): void {
  putFile(pair.primaryRoot, name, Buffer.alloc(bytes, letter));
  fs.utimesSync(pair.source(name), time, time);
}

/** The same inode, size and time under another name, with other content: as a new file has that was given a free inode. */
function reuse(from: string, to: string, bytes: number): void {
  fs.renameSync(pair.source(from), pair.source(to));
  fs.writeFileSync(pair.source(to), Buffer.alloc(bytes, "b"), { flag: "r+" });
  fs.utimesSync(pair.source(to), time, time);
}

function expectEqualTrees(): void {
  expect(treeDifferences(pair.primaryRoot, pair.secondaryRoot)).toEqual([]);
}

describe.each(sizes)("a new file of %p bytes with the inode, size and time of one that is gone", (bytes) => {
  test("comes over with its own content after a single analysis before", async () => {
    put("old", bytes, "a");
    await pair.begin();
    await pair.primary.synchronise(never);
    reuse("old", "new", bytes);
    await pair.primary.synchronise(never);
    expectEqualTrees();
    expect(listFiles(pair.target(".deleted")).length).toBeGreaterThan(0);
  });

  test("does after several, and in a folder that was made anew", async () => {
    put("folder/old", bytes, "a");
    await pair.begin();
    for (let n = 0; n < 3; n += 1) await pair.primary.synchronise(never);
    fs.renameSync(pair.source("folder"), pair.source("other"));
    reuse("other/old", "other/new", bytes);
    await pair.primary.synchronise(never);
    expectEqualTrees();
    put("twice/old", bytes, "a");
    await pair.primary.synchronise(never);
    fs.renameSync(pair.source("twice"), pair.source("again"));
    reuse("again/old", "again/new", bytes);
    fs.renameSync(pair.source("again/new"), pair.source("again/old"));
    await pair.primary.synchronise(never);
    expectEqualTrees();
  });

  test("does while changes are watched, without a full analysis", async () => {
    put("old", bytes, "a");
    put("inner/folder/old", bytes, "a");
    await pair.begin(1, true);
    await until(() => pair.secondary.status()[0]!.isComplete && fs.existsSync(pair.target("inner/folder/old")));
    const { lastFullAnalysisAtMs } = pair.primary.status()[0]!;
    reuse("old", "new", bytes);
    fs.renameSync(pair.source("inner/folder"), pair.source("inner/other"));
    reuse("inner/other/old", "inner/other/new", bytes);
    fs.renameSync(pair.source("inner/other/new"), pair.source("inner/other/old"));
    await until(() => treeDifferences(pair.primaryRoot, pair.secondaryRoot).length === 0, 20_000);
    expect(pair.primary.status()[0]!.lastFullAnalysisAtMs).toBe(lastFullAnalysisAtMs);
  });
});

test("many files are unpacked in the place of as many that were removed", async () => {
  for (let n = 0; n < 80; n += 1) put(`old-${n}`, 4096, "a");
  await pair.begin();
  await pair.primary.synchronise(never);
  for (let n = 0; n < 80; n += 1) fs.rmSync(pair.source(`old-${n}`));
  for (let n = 0; n < 80; n += 1) put(`new-${n}`, 4096, "b");
  await pair.primary.synchronise(never);
  expectEqualTrees();
});
