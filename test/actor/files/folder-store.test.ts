import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";
import {
  encodeFolderRecord,
  KnownSlots,
  type EntryState,
  type FolderRecord,
} from "../../../actor/core/folder-record.js";
import { StateWriter } from "../../../actor/core/state-writer.js";
import { FolderStore } from "../../../actor/files/folder-store.js";
import { encodeFrame, type Note } from "../../../actor/files/store-frames.js";
import { makeTemporaryFolder, removeTree } from "../../support/file-tree.js";

let base: string;
let file: string;
let opened: FolderStore[];
beforeEach(() => {
  base = makeTemporaryFolder();
  file = path.join(base, "deep/er/f.index");
  opened = [];
});
afterEach(() => {
  for (const store of opened) store.close();
  removeTree(base);
});

async function open(): Promise<FolderStore> {
  const store = await FolderStore.open(file);
  opened.push(store);
  return store;
}

function state(name: string, change: Partial<EntryState> = {}): EntryState {
  const rest = { size: 1, mtimeNs: 1n, ctimeNs: 2n, ino: 3n, mode: 0o644, uid: 0, gid: 0, linkTarget: "" };
  return { name, kind: "file", ...rest, ...change };
}

function record(...states: EntryState[]): FolderRecord {
  const writer = new StateWriter();
  for (const one of states) writer.add(one);
  const { count, bytes } = writer;
  const digest = Buffer.alloc(16, count);
  return {
    digest,
    digestKind: 0,
    totals: { files: count, bytes: 0 },
    count,
    states: bytes,
    known: KnownSlots.empty(count).bytes,
  };
}

function note(name: string, size = 9): Note {
  return {
    state: state(name, { size }),
    known: { contentHash: Buffer.alloc(32, size), isFresh: false, isDoubtful: true },
  };
}

describe("a folder store", () => {
  test("of an earlier version, whose hashes were others, is taken for empty", async () => {
    const frame = encodeFrame("folder", "", encodeFolderRecord(record(state("a"))));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, frame);
    expect((await open()).getFolder("")).toBeDefined();
    frame.writeUInt32LE(crc32(frame.subarray(8)), 4);
    fs.writeFileSync(file, frame);
    expect((await open()).getFolder("")).toBeUndefined();
  });

  test("holds after a restart what it was given", async () => {
    const store = await open();
    store.setFolder("", record(state("a"), state("ü\u2028b", { kind: "folder" })));
    store.setFolder("ü\u2028b", record());
    store.note("a", note("a"));
    store.note("ü\u2028b/new", note("new"));
    await store.flush();
    store.close();
    const again = await open();
    expect(again.getFolder("")).toEqual(record(state("a"), state("ü\u2028b", { kind: "folder" })));
    expect(again.getFolder("ü\u2028b")?.count).toBe(0);
    expect(again.getFolder("other")).toBeUndefined();
    expect(again.find("a")).toEqual(note("a"));
    expect(again.find("ü\u2028b/new")).toEqual(note("new"));
    expect(again.find("b")).toBeUndefined();
  });

  test("does not keep the message in memory from which a hash was cut", async () => {
    const store = await open();
    const message = Buffer.alloc(1024 * 1024, 5);
    store.note("a", { ...note("a"), known: { ...note("a").known, contentHash: message.subarray(100, 132) } });
    const { contentHash } = store.find("a")!.known;
    expect(contentHash).toEqual(Buffer.alloc(32, 5));
    expect(contentHash!.buffer.byteLength).toBeLessThan(message.length / 10);
  });

  test("forgets the notes about a folder when it is given a newer record of it", async () => {
    const store = await open();
    store.note("d/a", note("a"));
    store.setFolder("d", record(state("a", { size: 4 })));
    expect(store.find("d/a")?.state.size).toBe(4);
    store.close();
    expect((await open()).find("d/a")?.state.size).toBe(4);
  });

  test("forgets a folder with all below it", async () => {
    const store = await open();
    store.setFolder("", record(state("d", { kind: "folder" })));
    store.setFolder("d", record(state("e", { kind: "folder" })));
    store.setFolder("d/e", record(state("x")));
    store.note("d/e/x", note("x"));
    store.forgetTree("d");
    expect([store.getFolder("d"), store.getFolder("d/e"), store.find("d/e/x")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    store.close();
    const again = await open();
    expect(again.getFolder("")?.count).toBe(1);
    expect([again.getFolder("d"), again.getFolder("d/e"), again.find("d/e/x")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("loses by a torn end only what was torn, and goes on behind it", async () => {
    const store = await open();
    store.setFolder("a", record(state("1")));
    store.setFolder("b", record(state("2")));
    store.close();
    fs.truncateSync(file, fs.statSync(file).size - 1);
    const again = await open();
    expect([again.getFolder("a")?.count, again.getFolder("b")?.count]).toEqual([1, undefined]);
    again.setFolder("c", record(state("3")));
    again.close();
    const last = await open();
    expect([last.getFolder("a")?.count, last.getFolder("c")?.count]).toEqual([1, 1]);
  });

  test.each([4, 9, 12, 60])("believes nothing from a frame on in which byte %i was damaged", async (at) => {
    const store = await open();
    store.setFolder("a", record(state("1")));
    const first = fs.statSync(file).size;
    store.setFolder("b", record(state("2")));
    store.setFolder("c", record(state("3")));
    store.close();
    const bytes = fs.readFileSync(file);
    bytes[first + at] = bytes[first + at]! ^ 1;
    fs.writeFileSync(file, bytes);
    const again = await open();
    expect(["a", "b", "c"].map((one) => again.getFolder(one)?.count)).toEqual([1, undefined, undefined]);
  });

  test("puts them there in the middle of a pass, too, as soon as there are very many", async () => {
    const store = await open();
    store.setFolder("folder", record(state("old")));
    store.note("folder/old", note("old"));
    expect(store.mergeIfMany()).toBeUndefined();
    for (let n = 0; n <= 20_000; n += 1) store.note(`folder/${n}`, note(String(n)));
    await store.mergeIfMany();
    expect(store.notesOf("folder")).toBeUndefined();
    expect(store.find("folder/old")).toEqual(note("old"));
    expect(store.find("folder/20000")).toEqual(note("20000"));
    expect(store.mergeIfMany()).toBeUndefined();
  });

  test("puts very many notes into the records instead of keeping them", async () => {
    const store = await open();
    store.setFolder("d", record(state("a"), state("n5")));
    for (let n = 0; n < 20_001; n += 1) store.note(`d/n${n}`, note(`n${n}`));
    await store.flush();
    expect(store.notesOf("d")).toBeUndefined();
    expect(store.getFolder("d")?.count).toBe(20_002);
    expect(store.find("d/n5")).toEqual(note("n5"));
    expect(store.find("d/a")?.state).toEqual(state("a"));
  });

  test("does not grow without end when the same folder is written again and again", async () => {
    const store = await open();
    const large = record(...Array.from({ length: 2000 }, (_, n) => state(`name-${String(n).padStart(5, "0")}`)));
    store.setFolder("other", record(state("x")));
    for (let round = 0; round < 150; round += 1) {
      store.setFolder("same", large);
      await store.flush();
    }
    expect(fs.statSync(file).size).toBeLessThan(20_000_000);
    store.close();
    const again = await open();
    expect([again.getFolder("same")?.count, again.getFolder("other")?.count]).toEqual([2000, 1]);
  });

  test("takes along what is known below a folder that is not known itself", async () => {
    const store = await open();
    store.note("a/b/file", note("file"));
    store.setFolder("a/c", record(state("other")));
    store.note("ab/file", note("file"));
    store.moveFolders("a", "x");
    await store.flush();
    store.close();
    const again = await open();
    expect(again.find("x/b/file")).toEqual(note("file"));
    expect(again.find("x/c/other")?.state).toEqual(state("other"));
    expect(again.find("ab/file")).toEqual(note("file"));
    expect([again.find("a/b/file"), again.find("a/c/other")]).toEqual([undefined, undefined]);
  });
});
