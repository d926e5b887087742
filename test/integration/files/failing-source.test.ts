import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { join } from "node:path";
import { FailingPair } from "../../support/failing-pair.js";
import type { FailingCalls } from "../../support/file-faults.js";
import type { FileProcessPair } from "../../support/file-process-pair.js";
import { listFiles, putFile, removeTree } from "../../support/file-tree.js";
import { rsyncDifferences } from "../../support/rsync-comparison.js";
import { until } from "../../support/until.js";

const limitMs = 60_000;
let base: string;
let source: string;
let target: string;
let pair: FileProcessPair;
let failing: FailingCalls;
let bench: FailingPair;

beforeEach(async () => {
  bench = await FailingPair.set();
  ({ base, source, target, pair, failing } = bench);
  for (const name of ["small", "denied", "good", "folder/stays", "folder/inner/stays"]) putFile(source, name, "old");
  putFile(source, "large", Buffer.alloc(5_000_000, "old "));
  for (let n = 0; n < 150; n += 1) putFile(source, `many/${n}`, String(n));
});
afterEach(() => bench.end());

async function begin(side: "primary" | "secondary", isContinuous: boolean): Promise<void> {
  await bench.start(side, { isContinuous });
  if (isContinuous) await until(async () => (await status())?.isComplete === true, limitMs);
  else await bench.synchronise();
  expect(await rsyncDifferences(source, target)).toEqual([]);
}

const status = async () => (await pair.side("primary").ask("status", null))[0];

const oldFiles = ["small", "denied", "folder/stays", "folder/inner/stays"];
const contentOf = (root: string, name: string): string => fs.readFileSync(join(root, name), "utf8");

test("what a source's disk does not give is named and tried again, nothing of it is removed, and all else goes on", async () => {
  await begin("primary", true);
  failing.set([
    { call: "read", path: "source/small", code: "EIO" },
    { call: "read", path: "source/large", code: "EIO" },
    { call: "open", path: "/denied", code: "EACCES" },
    { call: "list", path: "source/folder$", code: "EIO" },
  ]);
  for (const name of ["small", "denied", "good"]) putFile(source, name, "new");
  putFile(source, "large", Buffer.alloc(5_000_000, "new "));
  putFile(source, "folder/new", "new");
  fs.rmSync(join(source, "folder/inner"), { recursive: true });
  await until(() => contentOf(target, "good") === "new", limitMs);

  await bench.synchronise();
  // Tried again by itself, too.
  await until(async () => (await bench.namedPaths()).every(({ attempts }) => attempts > 1), limitMs);
  const named = Object.fromEntries((await bench.namedPaths()).map(({ path, because }) => [path, because.slice(0, 6)]));
  expect(named).toEqual({ small: "EIO: a", large: "EIO: a", denied: "EACCES", folder: "EIO: a" });
  expect(await status()).toMatchObject({ health: "warning" });
  for (const name of oldFiles) expect(contentOf(target, name)).toBe("old");
  expect(contentOf(target, "large").slice(0, 8)).toBe("old old ");

  // What cannot be read neither hides a loss elsewhere nor counts as one.
  fs.renameSync(join(source, "many"), join(base, "many"));
  await expect(bench.synchronise()).rejects.toThrow(/gone/);
  expect(listFiles(join(target, "many"))).toHaveLength(150);
  fs.renameSync(join(base, "many"), join(source, "many"));

  failing.set([]);
  await until(async () => (await status())?.health === "ok", limitMs);
  expect(await rsyncDifferences(source, target)).toEqual([]);
}, 240_000);

test("what cannot be looked at holds up nothing beside it, counts for no loss, and is tried again by itself", async () => {
  await begin("primary", true);
  failing.set([
    { call: "stat", path: "source/folder/(stays|inner)$", code: "EIO" },
    { call: "stat", path: "source/many/1$", code: "EACCES" },
    { call: "stat", path: "source/new-folder$", code: "EIO" },
  ]);
  putFile(source, "new-folder/file", "new");
  await bench.synchronise();
  putFile(source, "many/new", "new");
  fs.rmSync(join(source, "many/2"));
  await bench.synchronise();
  expect([contentOf(target, "many/new"), fs.existsSync(join(target, "many/2"))]).toEqual(["new", false]);
  for (const name of ["folder/stays", "folder/inner/stays"]) expect(contentOf(target, name)).toBe("old");
  expect(contentOf(target, "many/1")).toBe("1");
  expect((await bench.namedPaths()).map(({ path, because }) => [path, because.slice(0, 6)]).sort()).toEqual([
    ["folder/inner", "EIO: a"],
    ["folder/stays", "EIO: a"],
    ["many/1", "EACCES"],
    ["new-folder", "EIO: a"],
  ]);
  expect(await status()).toMatchObject({ health: "warning" });
  await until(async () => (await bench.namedPaths()).every(({ attempts }) => attempts > 3), limitMs);
  // What cannot be looked at does not hide a loss elsewhere.
  fs.renameSync(join(source, "many"), join(base, "many"));
  await expect(bench.synchronise()).rejects.toThrow(/gone/);
  expect(listFiles(join(target, "many"))).toHaveLength(150);
  fs.renameSync(join(base, "many"), join(source, "many"));

  failing.set([]);
  await until(async () => (await status())?.health === "ok", limitMs);
  expect(await rsyncDifferences(source, target)).toEqual([]);
}, 240_000);

test("an analysis alone goes on beside what cannot be looked at, and compares its content as soon as it can", async () => {
  fs.utimesSync(join(source, "small"), 1000, 1000);
  await begin("primary", false);
  // What was learnt by sending is in the records now: these folders are looked at in the fast way.
  await bench.synchronise();
  failing.set([{ call: "stat", path: "source/(small|many/1)$", code: "EIO" }]);
  putFile(source, "many/3", "new");
  await bench.synchronise();
  expect(contentOf(target, "many/3")).toBe("new");
  expect((await bench.namedPaths()).map(({ path }) => path).sort()).toEqual(["many/1", "small"]);
  // Neither size nor time tells that it was changed meanwhile.
  putFile(source, "small", "new");
  fs.utimesSync(join(source, "small"), 1000, 1000);
  failing.set([]);
  await bench.synchronise();
  expect(contentOf(target, "small")).toBe("new");
  expect(await bench.namedPaths()).toEqual([]);
}, 120_000);

test("a folder whose number of files nobody knows cannot be taken for a loss", async () => {
  for (let n = 0; n < 400; n += 1) putFile(source, `more/${n}`, String(n));
  await begin("primary", false);
  // As after a reinstallation: the source remembers nothing of what the target has.
  await pair.side("primary").kill();
  for (const name of fs.readdirSync(join(base, "pair/primary-state")))
    removeTree(join(base, "pair/primary-state", name));
  failing.set([{ call: "stat", path: "source/more$", code: "EIO" }]);
  putFile(source, "good", "new");
  await pair.start("primary", failing.faults);
  await pair.takeRole("primary", false);
  await bench.synchronise();
  expect(contentOf(target, "good")).toBe("new");
  expect(listFiles(join(target, "more"))).toHaveLength(400);
}, 120_000);

/** As a disk does that loses bits: nothing says so but the content. */
function damage(place: string): void {
  const { atime, mtime } = fs.statSync(place);
  fs.writeFileSync(place, "bad");
  fs.utimesSync(place, atime, mtime);
}

test.each(["primary", "secondary"] as const)(
  "a comparison of contents goes on past a file that the %s cannot read",
  async (side) => {
    await begin(side, false);
    const place = side === "primary" ? "source/small" : "target/small";
    failing.set([{ call: "read", path: place, code: "EIO" }]);
    damage(join(target, "good"));
    await pair.side("primary").ask("compare-contents", null);
    expect(contentOf(target, "good")).toBe("old");
    expect(contentOf(target, "small")).toBe("old");
    expect((await bench.namedPaths()).map(({ path, because }) => [path, /EIO/.test(because)])).toEqual([
      ["small", true],
    ]);
    failing.set([]);
    await pair.side("primary").ask("compare-contents", null);
    expect(await bench.namedPaths()).toEqual([]);
    expect(await rsyncDifferences(source, target)).toEqual([]);
  },
  120_000,
);
