import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { FileKind } from "../../../actor/core/file-entry.js";
import type { EntryState } from "../../../actor/core/folder-record.js";
import { StateWriter } from "../../../actor/core/state-writer.js";
import { StateChecker, type NumericState } from "../../../actor/core/state-checker.js";

const state: EntryState = {
  name: "ü file",
  kind: "file",
  size: 2 ** 40 + 1,
  mtimeNs: 1_795_000_000_123_456_789n,
  ctimeNs: 1_795_000_001_987_654_321n,
  ino: 2n ** 40n + 5n,
  mode: 0o2750,
  uid: 1000,
  gid: 100,
  linkTarget: "",
};

/** As Node gives it: seconds and nanoseconds of a time each become milliseconds. */
function msOf(timeNs: bigint): number {
  const nanoseconds = ((timeNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return Number((timeNs - nanoseconds) / 1_000_000_000n) * 1000 + Number(nanoseconds) / 1e6;
}

function statOf({ mtimeNs, ctimeNs, ino, mode, ...rest }: EntryState): NumericState {
  const numbers = { mtimeMs: msOf(mtimeNs), ctimeMs: msOf(ctimeNs), ino: Number(ino) };
  return { ...rest, ...numbers, mode: mode | 0o100000 };
}

function check(remembered: EntryState, stat: NumericState): boolean {
  const writer = new StateWriter();
  writer.add({ ...state, name: "before", kind: "link", linkTarget: "some/where" });
  writer.add(remembered);
  const checker = new StateChecker(writer.bytes);
  expect(checker.nextKind("before")).toBe("link");
  expect(checker.nextKind(remembered.name)).toBe(remembered.kind);
  const isSame = checker.isSame(stat);
  expect(checker.nextKind("after")).toBeUndefined();
  return isSame;
}

test.each([
  { when: "nothing", change: {}, isSame: true },
  { when: "the size, by one byte", change: { size: state.size + 1 }, isSame: false },
  { when: "the size of a folder", kind: "folder" as const, change: { size: 4096 }, isSame: true },
  { when: "the mode", change: { mode: 0o2740 }, isSame: false },
  { when: "the mode of a link", kind: "link" as const, change: { mode: 0o777 }, isSame: true },
  { when: "the owner", change: { uid: 1001 }, isSame: false },
  { when: "the group", change: { gid: 101 }, isSame: false },
  { when: "the inode", change: { ino: state.ino + 1n }, isSame: false },
  { when: "the inode, in its upper half", change: { ino: state.ino + 2n ** 33n }, isSame: false },
  { when: "the time, by three microseconds", change: { mtimeNs: state.mtimeNs + 3000n }, isSame: false },
  { when: "the change time, by three microseconds", change: { ctimeNs: state.ctimeNs - 3000n }, isSame: false },
] as { when: string; kind?: FileKind; change: Partial<EntryState>; isSame: boolean }[])(
  "a state of which $when was changed: same is $isSame",
  ({ kind = "file", change, isSame }) => {
    expect(check({ ...state, kind }, statOf({ ...state, kind, ...change }))).toBe(isSame);
  },
);

test("a name that is another, or longer, or not there any more is not known", () => {
  const writer = new StateWriter();
  writer.add(state);
  for (const name of ["ü fil", "ü file2", "u file", ""]) {
    expect(new StateChecker(writer.bytes).nextKind(name)).toBeUndefined();
  }
  expect(new StateChecker(Buffer.alloc(0)).nextKind("any")).toBeUndefined();
});

test("what was looked at is the same whatever its time and inode", () => {
  const second = 1_000_000_000n;
  fc.assert(
    fc.property(
      fc.bigInt({ min: -2_000_000_000n * second, max: 4_000_000_000n * second }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (timeNs, ino) => {
        const one = { ...state, mtimeNs: timeNs, ctimeNs: timeNs, ino };
        return check(one, statOf(one));
      },
    ),
  );
});
