import { describe, expect, test } from "@jest/globals";
import {
  firstImage,
  imageAfterWindow,
  largestRowBytes,
  windowsFor,
} from "../../../../actor/database/sqlserver/copy-windows.js";

const gibibyte = 1024 ** 3;
const image = (beginning: string): string => beginning.padEnd(40, "0");

describe("windows of a copy", () => {
  test.each([
    ["nothing is known of its size", 0, 1],
    ["it is small", gibibyte, 1],
    ["it is larger by a byte", gibibyte + 1, 2],
    ["it has four times as much", 4 * gibibyte, 4],
    ["it has a bit more", 4 * gibibyte + 1, 8],
    ["it is far larger", 10_000 * gibibyte, 8],
  ])("of a table when %s", (_when, bytes, windows) => {
    expect(windowsFor(bytes)).toBe(windows);
  });

  test.each([
    ["the first of one", firstImage, 1, undefined],
    ["the first of eight", firstImage, 8, image("20")],
    ["the last image of the first", "1f" + "f".repeat(38), 8, image("20")],
    ["the first image of the second", image("20"), 8, image("40")],
    ["the last but one of four", image("9c"), 4, image("c0")],
    ["the last of four", image("c0"), 4, undefined],
    ["the last image of all", "f".repeat(40), 2, undefined],
  ])("end where the next one begins: %s", (_which, from, windows, end) => {
    expect(imageAfterWindow(from, windows)).toBe(end);
  });

  test("cover every image once, whatever their number", () => {
    for (const windows of [1, 2, 4, 8]) {
      const begins = [firstImage];
      for (let end = imageAfterWindow(firstImage, windows); end !== undefined;) {
        expect(end > (begins.at(-1) ?? "")).toBe(true);
        begins.push(end);
        end = imageAfterWindow(end, windows);
      }
      expect(begins).toHaveLength(windows);
    }
  });
});

test.each([
  [["int", "bigint"], 16],
  [["nvarchar(60)", "varbinary(20)"], 140],
  [["int", "nvarchar(max)"], Infinity],
  [["varbinary(max)"], Infinity],
])("a row of %p takes at most so many bytes", (types, bytes) => {
  expect(largestRowBytes(types)).toBe(bytes);
});
