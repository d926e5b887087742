import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { FileIndexStore, isUntouched, indexRecord, type IndexRecord } from "../../../actor/files/index-store.js";
import type { ScannedEntry } from "../../../actor/files/scanner.js";
import { makeTemporaryFolder, removeTree } from "../../support/file-tree.js";

let folder: string;
let file: string;
beforeEach(() => {
  folder = makeTemporaryFolder();
  file = path.join(folder, "deep/index.jsonl");
});
afterEach(() => {
  removeTree(folder);
});

const record: IndexRecord = {
  size: 5,
  mtimeNs: 1_795_317_545_527_391_234n,
  ctimeNs: -3n,
  ino: 2n ** 63n,
  sha256: "ab",
  isFresh: true,
};

test("an index holds after a restart what was flushed, deletions and odd names included", async () => {
  const store = await FileIndexStore.open(file);
  store.set('a\u2028"b\\c', record);
  store.set("gone", record);
  await store.flush();
  store.delete("gone");
  store.set("other", { ...record, size: 6 });
  await store.flush();
  store.set("not flushed", record);
  const again = await FileIndexStore.open(file);
  expect([...again.paths()]).toEqual(['a\u2028"b\\c', "other"]);
  expect(again.get('a\u2028"b\\c')).toEqual(record);
  expect(again.get("other")?.size).toBe(6);
});

test("a line torn by a crash costs only itself", async () => {
  const store = await FileIndexStore.open(file);
  store.set("a", record);
  store.set("b", record);
  await store.flush();
  fs.truncateSync(file, fs.statSync(file).size - 7);
  const again = await FileIndexStore.open(file);
  expect([...again.paths()]).toEqual(["a"]);
  again.set("c", record);
  await again.flush();
  expect([...(await FileIndexStore.open(file)).paths()]).toEqual(["a", "c"]);
});

test("a file rewritten very often does not let the index grow without end", async () => {
  const store = await FileIndexStore.open(file);
  for (let round = 0; round < 12; round += 1) {
    for (let n = 0; n < 1000; n += 1) store.set("same", { ...record, size: round });
    await store.flush();
  }
  expect(fs.readFileSync(file, "utf8").split("\n").length).toBeLessThan(3000);
  expect((await FileIndexStore.open(file)).get("same")?.size).toBe(11);
});

const entry: ScannedEntry = { path: "a", kind: "file", size: 5, mtimeNs: 7n, mode: 0, ctimeNs: 9n, ino: 1n };

test.each([
  { when: "nothing differs", change: {}, isKnown: true },
  { when: "the size differs", change: { size: 6 }, isKnown: false },
  { when: "the modification time differs", change: { mtimeNs: 8n }, isKnown: false },
  { when: "only the change time differs", change: { ctimeNs: 10n }, isKnown: false },
  { when: "another file took the name", change: { ino: 2n }, isKnown: false },
])("a record counts when $when: $isKnown", ({ change, isKnown }) => {
  expect(isUntouched(indexRecord(entry, "", 1_000_000), { ...entry, ...change })).toBe(isKnown);
});

test.each([
  { when: "two seconds after the change", readAtMs: 12_000, isKnown: true },
  { when: "just before that", readAtMs: 11_999, isKnown: false },
])("a record made $when counts: $isKnown", ({ readAtMs, isKnown }) => {
  const changed = { ...entry, ctimeNs: 10_000n * 1_000_000n };
  expect(isUntouched(indexRecord(changed, "", readAtMs), changed)).toBe(isKnown);
});
