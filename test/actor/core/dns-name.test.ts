import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { canonicalName, encodeName, isSameName, isWithin, parseName } from "../../../actor/core/dns-name.js";
import { PacketReader } from "../../../actor/core/dns-reader.js";
import { anyName } from "../../support/dns-fixtures.js";

describe("names", () => {
  test.each([
    { text: "", hex: "00" },
    { text: ".", hex: "00" },
    { text: "a.bc", hex: "0161026263" + "00" },
    { text: "a.bc.", hex: "0161026263" + "00" },
    { text: "A\\.b.c", hex: "03412e62016300" },
    { text: "\\000\\255", hex: "0200ff00" },
    { text: "\\\\x", hex: "025c7800" },
  ])("$text is $hex on the wire", ({ text, hex }) => {
    expect(encodeName(text).toString("hex")).toBe(hex);
  });

  test.each([
    { when: "a label is empty", text: "a..b" },
    { when: "the first label is empty", text: ".a" },
    { when: "a label has 64 octets", text: "x".repeat(64) },
    { when: "the name has 256 octets", text: Array.from({ length: 4 }, () => "x".repeat(63)).join(".") },
    { when: "a character is not ASCII", text: "bücher.test" },
    { when: "an escape is too large", text: "a\\256" },
    { when: "an escape is cut off", text: "a\\" },
  ])("is refused when $when", ({ text }) => {
    expect(() => parseName(text)).toThrow(expect.objectContaining({ code: "DNS_INVALID" }));
  });

  test("a name of exactly 255 octets is allowed", () => {
    const text = [63, 63, 63, 61].map((length) => "x".repeat(length)).join(".");
    expect(encodeName(text)).toHaveLength(255);
  });

  test("every name survives the wire", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const reader = new PacketReader(encodeName(name));
        expect(reader.uncompressedName()).toBe(name);
        expect(reader.isAtEnd).toBe(true);
      }),
    );
  });

  test("names are compared without case, final dot and spelling", () => {
    expect(isSameName("App.Example.TEST.", "app.example.test")).toBe(true);
    expect(isSameName("\\097pp", "APP")).toBe(true);
    expect(isSameName("a\\.b", "a.b")).toBe(false);
    expect(canonicalName("\\065.B.")).toBe("a.b");
  });

  test.each([
    { name: "app.example.test", zone: "example.test", expected: true },
    { name: "EXAMPLE.test.", zone: "example.test", expected: true },
    { name: "xexample.test", zone: "example.test", expected: false },
    { name: "test", zone: "example.test", expected: false },
    { name: "a\\.example.test", zone: "example.test", expected: false },
    { name: "anything", zone: "", expected: true },
  ])("$name within $zone: $expected", ({ name, zone, expected }) => {
    expect(isWithin(name, zone)).toBe(expected);
  });
});
