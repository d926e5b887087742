import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { FileTreePair } from "../../support/file-tree-pair.js";

const signal = new AbortController().signal;
let pair: FileTreePair;
beforeEach(async () => {
  pair = new FileTreePair();
  fs.mkdirSync(pair.source("deep/er"), { recursive: true });
  for (const name of ["a", "b", "deep/c", "deep/er/d"]) fs.writeFileSync(pair.source(name), `content of ${name}`);
  await pair.begin();
  await pair.primary.synchronise(signal);
});
afterEach(() => pair.end());

test("a sample of a whole copy has no difference, and never more files than asked for", async () => {
  expect(await pair.secondary.sampleFiles?.(100, signal)).toEqual([
    { folder: "uploads", compared: 4, differences: [] },
  ]);
  expect(await pair.secondary.sampleFiles?.(3, signal)).toEqual([{ folder: "uploads", compared: 3, differences: [] }]);
});

test("a file whose content has changed in silence is found, though its size and time are the same", async () => {
  const { atime, mtime } = fs.statSync(pair.target("deep/c"));
  fs.writeFileSync(pair.target("deep/c"), "c0ntent of deep/c");
  fs.utimesSync(pair.target("deep/c"), atime, mtime);
  fs.writeFileSync(pair.target("only-here"), "x");
  const [found] = (await pair.secondary.sampleFiles?.(100, signal)) ?? [];
  expect([...(found?.differences ?? [])].sort()).toEqual(["deep/c", "only-here"]);
}, 120_000);

test("the source answers for nothing outside its folder", async () => {
  fs.writeFileSync(`${pair.base}/primary/secret`, "s");
  const paths = ["../secret", "/etc/hostname", "a"];
  const { fields } = await pair.primary.handlers["files/sample"]!({ fields: { folder: "uploads", paths } });
  const hashes = fields["hashes"] as string[];
  expect(hashes.slice(0, 2)).toEqual(["", ""]);
  expect(hashes[2]).toHaveLength(64);
});
