import { afterEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair, never, type PairOptions } from "../../support/file-tree-pair.js";
import { until } from "../../support/until.js";

let pair: FileTreePair;
afterEach(async () => {
  await pair.end();
});

async function begin(options: PairOptions = {}, isContinuous = true): Promise<void> {
  pair = new FileTreePair(options);
  putFile(pair.primaryRoot, "folder/first", "first");
  await pair.begin(1, isContinuous);
  if (!isContinuous) await pair.primary.synchronise(never);
  else await until(() => pair.primary.status()[0]!.health === "ok" && pair.primary.status()[0]!.isComplete);
}

function errors(): { readonly path: string; readonly because: string }[] {
  return [...pair.primary.itemErrors!()[0]!.paths];
}

test("a name that cannot be sent is among the errors as soon as it is noticed", async () => {
  await begin();
  const { lastFullAnalysisAtMs } = pair.primary.status()[0]!;
  fs.writeFileSync(pair.source(`folder/bell${String.fromCharCode(7)}`), "x");
  const latin = Buffer.concat([Buffer.from(`${pair.source("folder")}/caf`), Buffer.from([0xe9])]);
  fs.writeFileSync(latin, "x");
  putFile(pair.primaryRoot, "folder/fine\ufffd", "a character like any other");
  await until(() => errors().length === 2);
  expect(errors().sort((a, b) => (a.path < b.path ? -1 : 1))).toMatchObject([
    { path: "folder/bell\\x07", because: "it holds a control character" },
    { path: "folder/caf\\xe9", because: "its name is not UTF-8" },
  ]);
  await until(() => fs.existsSync(pair.target("folder/fine\ufffd")));
  expect(errors()).toHaveLength(2);
  expect(pair.primary.status()[0]!.lastFullAnalysisAtMs).toBe(lastFullAnalysisAtMs);
});

test("a folder of the user's own that has the name of .deleted is named, in the log and among the errors", async () => {
  pair = new FileTreePair();
  putFile(pair.primaryRoot, ".deleted/own", "the user's");
  await pair.begin();
  await pair.primary.synchronise(never);
  await pair.primary.synchronise(never);
  const because = "the name is SpareSync's own: what is in it is not copied";
  expect(errors()).toMatchObject([{ path: ".deleted", because }]);
  const told = pair.logs.primary.lines.filter(({ event }) => event === "files-paths-failing");
  expect(told).toMatchObject([{ fields: { path: ".deleted", because } }]);
});

test("SpareSync's own .deleted, of a time as target, is nothing to tell of", async () => {
  await begin({}, false);
  fs.rmSync(pair.source("folder/first"));
  await pair.primary.synchronise(never);
  expect(fs.existsSync(pair.target(".deleted/folder/first"))).toBe(true);
  await pair.primary.setRole({ role: "target", epoch: 2 });
  await pair.secondary.setRole({ role: "source", epoch: 2, continuous: false });
  await pair.secondary.synchronise(never);
  expect(pair.secondary.itemErrors!()[0]!.paths).toEqual([]);
});

test("a folder that ignored files keep in the way of a file is named with them", async () => {
  await begin({ settings: { ignore: ["*.log"] } }, false);
  putFile(pair.secondaryRoot, "folder/new/one.log", "ignored");
  putFile(pair.secondaryRoot, "folder/new/two.log", "ignored");
  putFile(pair.primaryRoot, "folder/new", "a file");
  await pair.primary.synchronise(never);
  const [error] = errors();
  expect(error?.path).toBe("folder/new");
  expect(error?.because).toMatch(
    /a folder stands at "folder\/new" that holds "folder\/new\/(one|two)\.log" and 1 more;/,
  );
  fs.rmSync(path.join(pair.secondaryRoot, "folder/new"), { recursive: true });
  await pair.primary.synchronise(never);
  expect(treeDifferences(pair.primaryRoot, pair.secondaryRoot)).toEqual([]);
});
