import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FileTreePair, never } from "../../support/file-tree-pair.js";
import { listFiles, putFile, treeDifferences } from "../../support/file-tree.js";
import { until } from "../../support/until.js";

/** Files in the folder that keeps a look at the tree busy for several turns. */
const busyFiles = 1600;
const movedFiles = 20;

let pair: FileTreePair;
beforeEach(async () => {
  // Nothing but the analysis notices anything, and what goes is nowhere.
  pair = new FileTreePair({ settings: { watch: false, keepDeletedDays: 0 }, transfer: { syncToDisk: false } });
  putFile(pair.primaryRoot, "a/there", "x");
  for (let n = 0; n < busyFiles; n += 1) putFile(pair.primaryRoot, `m/file-${n}`, "x");
  for (let n = 0; n < movedFiles; n += 1) putFile(pair.primaryRoot, `z/file-${n}`, `content ${n}`);
  putFile(pair.primaryRoot, "z/inner/file", "x");
  putFile(pair.primaryRoot, "quiet/old", "x");
  await pair.begin();
  await pair.primary.synchronise(never);
});
afterEach(async () => {
  await pair.end();
});

/** Begins an analysis and acts when it has looked at `a` and not yet at `z`: it is in `m` then. */
async function actDuring(act: () => void): Promise<void> {
  const analysis = pair.primary.synchronise(never);
  while (!isOpen(pair.source("m"))) await nextTurn();
  act();
  await analysis;
}

function isOpen(folder: string): boolean {
  return fs.readdirSync("/proc/self/fd").some((descriptor) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${descriptor}`) === folder;
    } catch {
      return false;
    }
  });
}

// Elsewhere nobody can see where a look is.
(fs.existsSync("/proc/self/fd") ? describe : describe.skip)("what is moved while the folder is looked at", () => {
  test("is on the target when the analysis ends, and what is gone is not", async () => {
    fs.rmSync(pair.source("quiet/old"));
    await actDuring(() => {
      for (let n = 0; n < movedFiles; n += 1) fs.renameSync(pair.source(`z/file-${n}`), pair.source(`a/file-${n}`));
      fs.renameSync(pair.source("z/inner"), pair.source("a/inner"));
    });
    expect(listFiles(pair.secondaryRoot).filter(isCopied)).toEqual(listFiles(pair.primaryRoot).filter(isCopied));
  });

  test("stays where it was on the target as long as it cannot be put where it is", async () => {
    fs.rmSync(pair.source("quiet/old"));
    putFile(pair.secondaryRoot, "a/file-0/in-the-way", "x");
    await actDuring(() => {
      fs.renameSync(pair.source("z/file-0"), pair.source("a/file-0"));
    });
    expect(fs.readFileSync(pair.target("z/file-0"), "utf8")).toBe("content 0");
    await pair.primary.drain(never);
    expect(treeDifferences(pair.primaryRoot, pair.secondaryRoot)).toEqual([]);
  });

  test("keeps nothing else where it was, even where files come all the time", async () => {
    fs.rmSync(pair.source("quiet/old"));
    let isOver = false;
    let writing = Promise.resolve();
    await actDuring(() => {
      writing = (async () => {
        for (let n = 0; !isOver; n += 1) {
          putFile(pair.primaryRoot, `a/new-${n % 100}`, String(n));
          await nextTurn();
        }
      })();
    }).finally(() => {
      isOver = true;
    });
    await writing;
    expect(fs.existsSync(pair.target("quiet/old"))).toBe(false);
    // What came after the scan is the next analysis's.
    expect(fs.existsSync(pair.target("a/new-0"))).toBe(false);
  });

  test("is decided soon where it could not be, without anybody asking for it", async () => {
    await pair.primary.setRole({ role: "idle", epoch: 1 });
    putFile(pair.secondaryRoot, "a/file-0/in-the-way", "x");
    await pair.begin(2, true);
    while (!isOpen(pair.source("m"))) await nextTurn();
    fs.renameSync(pair.source("z/file-0"), pair.source("a/file-0"));
    await until(() => treeDifferences(pair.primaryRoot, pair.secondaryRoot).length === 0, 60_000);
  });
});

function isCopied(path: string): boolean {
  return !path.startsWith(".sparesync");
}
