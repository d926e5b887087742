import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { mergeNotes } from "../../../actor/core/folder-notes.js";
import {
  decodeFolderRecord,
  encodeFolderRecord,
  KnownSlots,
  StateReader,
  type EntryState,
  type Knowledge,
} from "../../../actor/core/folder-record.js";
import { StateWriter } from "../../../actor/core/state-writer.js";

/** What ext4 can hold, and a little more. */
const time = fc.bigInt({ min: -2_200_000_000n * 10n ** 9n, max: 15_100_000_000n * 10n ** 9n });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 });
const state: fc.Arbitrary<EntryState> = fc.record(
  {
    name,
    kind: fc.constantFrom("file", "folder", "link", "other"),
    size: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    mtimeNs: time,
    ctimeNs: time,
    ino: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: uint32,
    gid: uint32,
    linkTarget: fc.string({ unit: "grapheme", maxLength: 60 }),
    extended: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  },
  { requiredKeys: ["name", "kind", "size", "mtimeNs", "ctimeNs", "ino", "mode", "uid", "gid", "linkTarget"] },
);
const knowledge: fc.Arbitrary<Knowledge> = fc.record({
  contentHash: fc.option(
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
    { nil: undefined },
  ),
  isFresh: fc.boolean(),
  isDoubtful: fc.boolean(),
});

function readAll(states: Buffer): EntryState[] {
  const reader = new StateReader(states);
  const all: EntryState[] = [];
  for (let one = reader.next(); one !== undefined; one = reader.next()) all.push(one);
  return all;
}

test("a record comes back as it was written, whatever the names, times and owners", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(state, knowledge), { maxLength: 20 }), (entries) => {
      const writer = new StateWriter(1);
      const known = KnownSlots.empty(entries.length);
      entries.forEach(([one, what], index) => {
        writer.add(one);
        known.set(index, what);
      });
      const record = {
        digest: Buffer.alloc(16, 5),
        digestKind: 3,
        totals: { files: 7, bytes: 2 ** 45 },
        count: writer.count,
        states: writer.bytes,
        known: known.bytes,
      };
      const again = decodeFolderRecord(encodeFolderRecord(record));
      expect(again).toEqual(record);
      expect(readAll(again!.states)).toEqual(entries.map(([one]) => one));
      const slots = new KnownSlots(again!.known);
      expect(entries.map((_, index) => slots.get(index))).toEqual(entries.map(([, what]) => what));
      expect(slots.hasFresh).toBe(entries.some(([, what]) => what.isFresh));
    }),
  );
});

test("bytes that are no record are none, cut off anywhere", () => {
  const writer = new StateWriter();
  writer.add(plain("a"));
  const record = { digest: Buffer.alloc(0), digestKind: 0, totals: { files: 1, bytes: 1 } };
  const bytes = encodeFolderRecord({ ...record, count: 1, states: writer.bytes, known: KnownSlots.empty(1).bytes });
  expect(decodeFolderRecord(bytes)).toBeDefined();
  for (let length = 0; length < bytes.length; length += 1) {
    expect(decodeFolderRecord(bytes.subarray(0, length))).toBeUndefined();
  }
});

function plain(entryName: string, size = 1): EntryState {
  const times = { mtimeNs: 1n, ctimeNs: 2n, ino: 3n };
  return { name: entryName, kind: "file", size, mode: 0o644, uid: 0, gid: 0, linkTarget: "", ...times };
}

const nothing = { contentHash: undefined, isFresh: false, isDoubtful: false };

test("notes take the place of what a record says, and stand in order with the rest", () => {
  const writer = new StateWriter();
  for (const one of ["b", "d", "f"]) writer.add(plain(one));
  const known = KnownSlots.empty(3);
  known.set(2, { ...nothing, isDoubtful: true });
  const record = { digest: Buffer.alloc(16, 1), digestKind: 1, totals: { files: 3, bytes: 3 } };
  const contentHash = Buffer.alloc(32, 9);
  const notes = new Map(
    ["g", "a", "d"].map((one) => [one, { state: plain(one, 7), known: { ...nothing, contentHash } }] as const),
  );
  const merged = mergeNotes({ ...record, count: 3, states: writer.bytes, known: known.bytes }, notes);
  expect(readAll(merged.states).map(({ name: n, size }) => `${n}${size}`)).toEqual(["a7", "b1", "d7", "f1", "g7"]);
  const slots = new KnownSlots(merged.known);
  expect([0, 1, 2, 3, 4].map((index) => slots.get(index).contentHash !== undefined)).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
  expect(slots.get(3).isDoubtful).toBe(true);
  // Whatever was removed is still in it: it stands for nothing until the folder is looked at.
  expect(merged.digest).toHaveLength(0);
  expect(readAll(mergeNotes(undefined, notes).states).map(({ name: n }) => n)).toEqual(["a", "d", "g"]);
});
