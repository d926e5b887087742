import { beforeEach, expect, test } from "@jest/globals";
import { decodeExtended, encodeExtended } from "../../../actor/core/extended-attributes.js";
import { NtfsAttributes } from "../../../actor/files/ntfs-attributes.js";
import { fileTimeOf } from "../../../actor/files/set-times.js";
import type { WindowsCalls, WindowsFacts } from "../../../actor/files/windows-calls.js";

const flags = {
  readOnly: 0x1,
  hidden: 0x2,
  system: 0x4,
  archive: 0x20,
  normal: 0x80,
  compressed: 0x800,
  notIndexed: 0x2000,
};
const place = String.raw`C:\data\file`;
const onFat = String.raw`F:\data\file`;

/** A Windows whose drive F: has times in steps of two seconds. */
class FakeWindows implements WindowsCalls {
  readonly files = new Map<string, WindowsFacts>();
  readonly changes: string[] = [];
  refuses = false;

  read = (where: string): WindowsFacts | undefined => this.files.get(where);

  setAttributes = (where: string, attributes: number): void => {
    this.#change(where, { attributes });
  };

  setTimes = (where: string, { created }: { readonly created?: bigint }): void => {
    const step = where.startsWith("F:") ? 20_000_000n : 1n;
    this.#change(where, created === undefined ? {} : { created: created - (created % step) });
  };

  #change(where: string, facts: Partial<WindowsFacts>): void {
    const before = this.files.get(where);
    if (this.refuses || before === undefined) throw new Error("error 5");
    this.changes.push(Object.keys(facts).join());
    this.files.set(where, { ...before, ...facts });
  }
}

let windows: FakeWindows;
let ntfs: NtfsAttributes;
beforeEach(() => {
  windows = new FakeWindows();
  ntfs = new NtfsAttributes(windows);
});

/** As they travel. */
function text(attributes: number, created: bigint): string {
  windows.files.set("model", { attributes, created });
  const reading = new NtfsAttributes(windows).read("model");
  return typeof reading === "string" ? reading : "none";
}

test("what is to be kept of a file is read in one form whatever else it is", () => {
  const { hidden, notIndexed, archive, compressed, readOnly, normal } = flags;
  windows.files.set(place, { attributes: hidden | notIndexed | archive | compressed | readOnly, created: 5n });
  expect(ntfs.read(place)).toBe(text(hidden | notIndexed, 5n));
  expect(text(normal, 5n)).toBe(text(archive, 5n));
  expect(text(hidden, 5n)).not.toBe(text(normal, 5n));
  expect(text(hidden, 5n)).not.toBe(text(hidden, 6n));
  expect(ntfs.read("missing")).toBeUndefined();
});

test("a file gets attributes and time of creation, and keeps what is its server's own matter", () => {
  const { hidden, system, archive, readOnly } = flags;
  windows.files.set(place, { attributes: system | archive | readOnly, created: 5n });
  ntfs.write(place, text(hidden, 123_456_789n));
  expect(windows.files.get(place)).toEqual({ attributes: hidden | archive | readOnly, created: 123_456_789n });
  // Nothing is set that is as it should be: each call would be a change that the next look sees.
  ntfs.write(place, text(hidden, 123_456_789n));
  expect(windows.changes).toEqual(["attributes", "created"]);
});

test("a file without any attribute is set to be normal: zero would change nothing", () => {
  windows.files.set(place, { attributes: flags.hidden, created: 5n });
  ntfs.write(place, text(flags.normal, 5n));
  expect(windows.files.get(place)?.attributes).toBe(flags.normal);
});

test("where a drive does not keep the time of creation nothing is said of it any more, and the rest is kept", () => {
  windows.files.set(onFat, { attributes: flags.archive, created: 40_000_000n });
  ntfs.write(onFat, text(flags.hidden, 50_000_001n));
  const names = (): string[] => (decodeExtended(String(ntfs.read(onFat))) ?? []).map(({ name }) => name);
  expect(names()).toEqual(["ntfs.attributes"]);
  windows.changes.length = 0;
  ntfs.write(onFat, text(flags.system, 70_000_001n));
  expect(windows.changes).toEqual(["attributes"]);
  windows.files.set(place, { attributes: 0, created: 5n });
  expect(ntfs.read(place)).toBe(text(0, 5n));
});

test("what may not be set is a failure of that file", () => {
  windows.files.set(place, { attributes: 0, created: 5n });
  const [hidden, older] = [text(flags.hidden, 5n), text(0, 4n)];
  windows.refuses = true;
  for (const wanted of [hidden, older]) {
    expect(() => {
      ntfs.write(place, wanted);
    }).toThrow(expect.objectContaining({ code: "FILE_FAILED", message: expect.stringContaining("error 5") }));
  }
});

test("attributes of another system mean nothing to Windows", () => {
  windows.files.set(place, { attributes: flags.hidden, created: 5n });
  for (const other of ["", encodeExtended([{ name: "user.note", value: Buffer.from("x") }]) ?? ""])
    ntfs.write(place, other);
  expect(windows.changes).toEqual([]);
});

test("times are counted in steps of 100 nanoseconds since 1601, to the last of them", () => {
  expect(fileTimeOf(0n)).toBe(116_444_736_000_000_000n);
  // 2001-09-09T01:46:40.123456700Z
  expect(fileTimeOf(1_000_000_000_123_456_700n)).toBe(126_444_736_001_234_567n);
});
