import { expect, test } from "@jest/globals";
import { summariseFolder, type DigestKind } from "../../../actor/core/folder-digest.js";
import { KnownSlots, type EntryState, type Knowledge } from "../../../actor/core/folder-record.js";
import { StateWriter } from "../../../actor/core/state-writer.js";

const base: EntryState = {
  name: "file",
  kind: "file",
  size: 5,
  mtimeNs: 1_000_000_000n,
  ctimeNs: 9n,
  ino: 1n,
  mode: 0o644,
  uid: 1,
  gid: 1,
  linkTarget: "",
};
const known: Knowledge = { contentHash: Buffer.alloc(32, 1), isFresh: false, isDoubtful: false };
const kind: DigestKind = { hasOwner: false, hasContent: false, side: "source" };

function digest(
  change: Partial<EntryState> = {},
  what: Partial<Knowledge> = {},
  how: Partial<DigestKind> = {},
): string {
  const writer = new StateWriter();
  writer.add({ ...base, ...change });
  const slots = KnownSlots.empty(1);
  if (change.kind === "folder")
    slots.setFolder(0, Buffer.alloc(16, what.isFresh === true ? 2 : 1), { files: 3, bytes: 4 });
  else slots.set(0, { ...known, ...what });
  const record = { count: 1, states: writer.bytes, known: slots.bytes };
  return summariseFolder(record, { ...kind, ...how }).digest.toString("hex");
}

test.each<{ when: string; a: string; b: string; isSame: boolean }>([
  { when: "nothing differs", a: digest(), b: digest(), isSame: true },
  { when: "the name differs", a: digest(), b: digest({ name: "file2" }), isSame: false },
  { when: "the kind differs", a: digest(), b: digest({ kind: "link" }), isSame: false },
  { when: "the size differs", a: digest(), b: digest({ size: 6 }), isSame: false },
  { when: "the mode differs", a: digest(), b: digest({ mode: 0o600 }), isSame: false },
  { when: "a microsecond differs", a: digest(), b: digest({ mtimeNs: 1_000_001_000n }), isSame: false },
  {
    when: "nanoseconds differ, which cannot be set",
    a: digest(),
    b: digest({ mtimeNs: 1_000_000_999n }),
    isSame: true,
  },
  {
    when: "the target of a link differs",
    a: digest({ linkTarget: "a" }),
    b: digest({ linkTarget: "b" }),
    isSame: false,
  },
  {
    when: "inode and change time differ, as on two disks",
    a: digest(),
    b: digest({ ino: 7n, ctimeNs: 8n }),
    isSame: true,
  },
  { when: "owners differ that are not kept", a: digest(), b: digest({ uid: 2, gid: 3 }), isSame: true },
  {
    when: "owners differ that are kept",
    a: digest({}, {}, { hasOwner: true }),
    b: digest({ uid: 2 }, {}, { hasOwner: true }),
    isSame: false,
  },
  {
    when: "contents differ and do not count",
    a: digest(),
    b: digest({}, { contentHash: Buffer.alloc(32, 2) }),
    isSame: true,
  },
  {
    when: "contents differ and count",
    a: digest({}, {}, { hasContent: true }),
    b: digest({}, { contentHash: Buffer.alloc(32, 2) }, { hasContent: true }),
    isSame: false,
  },
  { when: "one side has a doubt", a: digest(), b: digest({}, { isDoubtful: true }), isSame: false },
  {
    when: "both sides have one",
    a: digest({}, { isDoubtful: true }),
    b: digest({}, { isDoubtful: true }, { side: "target" }),
    isSame: false,
  },
  { when: "the two sides have none", a: digest(), b: digest({}, {}, { side: "target" }), isSame: true },
  {
    when: "something below differs",
    a: digest({ kind: "folder" }),
    b: digest({ kind: "folder" }, { isFresh: true }),
    isSame: false,
  },
])("digests are equal when $when: $isSame", ({ a, b, isSame }) => {
  expect(a === b).toBe(isSame);
});

test("totals count files and links here and below, with their bytes", () => {
  const writer = new StateWriter();
  writer.add(base);
  writer.add({ ...base, name: "folder", kind: "folder", size: 0 });
  writer.add({ ...base, name: "link", kind: "link", size: 0 });
  const slots = KnownSlots.empty(3);
  slots.setFolder(1, Buffer.alloc(16, 1), { files: 10, bytes: 100 });
  const { totals } = summariseFolder({ count: 3, states: writer.bytes, known: slots.bytes }, kind);
  expect(totals).toEqual({ files: 12, bytes: 105 });
});
