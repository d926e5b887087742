import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  decodeExtended,
  encodeExtended,
  isKeptAttribute,
  isSameExtended,
  keptExtended,
} from "../../../actor/core/extended-attributes.js";

const attribute = fc.record({
  name: fc.stringMatching(/^(user|trusted|security)\.[!-~]{1,40}$/),
  value: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

test("attributes come back as they were written, in the order of their names", () => {
  fc.assert(
    fc.property(fc.uniqueArray(attribute, { selector: ({ name }) => name, maxLength: 10 }), (attributes) => {
      const text = encodeExtended(attributes) ?? "too long";
      expect(decodeExtended(text)).toEqual([...attributes].sort((a, b) => (a.name < b.name ? -1 : 1)));
      expect(encodeExtended([...attributes].reverse())).toBe(text);
    }),
  );
});

test("what takes more than a record holds is not written", () => {
  const half = { value: Buffer.alloc(30_000) };
  expect(encodeExtended([{ name: "user.a", ...half }])).toHaveLength(30_009);
  expect(
    encodeExtended([
      { name: "user.a", ...half },
      { name: "user.b", ...half },
    ]),
  ).toBeUndefined();
  expect(encodeExtended([{ name: "user.a", value: Buffer.alloc(65_536) }])).toBeUndefined();
  expect(encodeExtended([{ name: `user.${"a".repeat(251)}`, value: Buffer.alloc(0) }])).toBeUndefined();
});

const good = encodeExtended([{ name: "user.a", value: Buffer.from("value") }]) ?? "";

test.each([
  { when: "it is cut off in the value", text: good.slice(0, -1) },
  { when: "it is cut off in the head", text: good.slice(0, 2) },
  { when: "something follows", text: `${good}x` },
  { when: "a name is empty", text: "\u0000\u0001\u0000x" },
  { when: "a name holds a NUL", text: good.replace("user", "us\u0000r") },
  { when: "a name is not ASCII", text: good.replace("user", "us\u00e9r") },
])("it is refused when $when", ({ text }) => {
  expect(decodeExtended(good)).toHaveLength(1);
  expect(decodeExtended(text)).toBeUndefined();
});

test.each([
  { name: "user.comment", alone: true, withOwner: true },
  { name: "security.capability", alone: false, withOwner: true },
  { name: "system.posix_acl_access", alone: false, withOwner: true },
  { name: "system.posix_acl_default", alone: false, withOwner: true },
  { name: "trusted.sum", alone: false, withOwner: true },
  { name: "trusted.overlay.opaque", alone: false, withOwner: false },
  { name: "security.selinux", alone: false, withOwner: false },
  { name: "security.ima", alone: false, withOwner: false },
])("$name is kept without owners: $alone, with them: $withOwner", ({ name, alone, withOwner }) => {
  expect(isKeptAttribute(name, false)).toBe(alone);
  expect(isKeptAttribute(name, true)).toBe(withOwner);
  const text = encodeExtended([{ name, value: Buffer.from("v") }]) ?? "";
  expect(keptExtended(text, false)).toBe(alone ? text : "");
});

const byte = (value: number): Buffer => Buffer.from([value]);
const written = (...attributes: readonly (readonly [name: string, value: number])[]): string =>
  encodeExtended(attributes.map(([name, value]) => ({ name, value: byte(value) }))) ?? "too long";

test.each([
  { when: "nothing", a: "", b: "", isSame: true },
  { when: "one and none", a: written(["user.a", 1]), b: "", isSame: false },
  { when: "other values", a: written(["user.a", 1]), b: written(["user.a", 2]), isSame: false },
  { when: "one that is not kept", a: written(["security.selinux", 1]), b: "", isSame: true },
  { when: "Windows and another system", a: written(["ntfs.attributes", 1]), b: written(["user.a", 1]), isSame: true },
  { when: "Windows and none", a: "", b: written(["ntfs.attributes", 1]), isSame: true },
  {
    when: "Windows with other times of creation",
    a: written(["ntfs.attributes", 1], ["ntfs.created", 1]),
    b: written(["ntfs.attributes", 1], ["ntfs.created", 2]),
    isSame: false,
  },
  {
    when: "Windows where one drive has no time of creation",
    a: written(["ntfs.attributes", 1], ["ntfs.created", 1]),
    b: written(["ntfs.attributes", 1]),
    isSame: true,
  },
  {
    when: "Windows where one drive has no time of creation, with other attributes",
    a: written(["ntfs.attributes", 1], ["ntfs.created", 1]),
    b: written(["ntfs.attributes", 2]),
    isSame: false,
  },
])("compared are those that both sides can keep: $when", ({ a, b, isSame }) => {
  expect(isSameExtended(a, b, false)).toBe(isSame);
  expect(isSameExtended(b, a, false)).toBe(isSame);
});
