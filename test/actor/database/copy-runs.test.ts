import { describe, expect, test } from "@jest/globals";
import { readRun, requireSendable } from "../../../actor/database/copy-limits.js";
import { RunOfLines } from "../../../actor/database/postgresql/run-of-lines.js";
import { RunOfRows } from "../../../actor/database/sqlserver/run-of-rows.js";
import { encodeCopyLine } from "../../../actor/core/copy-text.js";
import { contentLimits } from "../../../actor/core/link-admission.js";

type Row = readonly [value: string, image: string];

/** Both dialects' ways to keep a run; how the rows are cut into pieces must not matter. */
const dialects = {
  "lines of PostgreSQL, all at once": (rows: readonly Row[], _hasImage: boolean, largestBytes: number) =>
    linesOf(rows, largestBytes, rows.length),
  "lines of PostgreSQL, one by one": (rows: readonly Row[], _hasImage: boolean, largestBytes: number) =>
    linesOf(rows, largestBytes, 1),
  "rows of SQL Server": (rows: readonly Row[], hasImage: boolean, largestBytes: number) => {
    const run = new RunOfRows(largestBytes, hasImage ? 1 : undefined);
    for (const row of rows) run.add(row, bytesOf(row));
    return { rows: run.rows.length, isFull: run.isFull };
  },
};

function linesOf(rows: readonly Row[], largestBytes: number, perPiece: number) {
  const run = new RunOfLines(largestBytes);
  for (let at = 0; at < rows.length; at += perPiece) {
    const lines = rows.slice(at, at + perPiece).map(encodeCopyLine);
    run.add(Buffer.from(lines.join("")), lines.length);
  }
  const text = run.text().toString();
  expect(text.split("\n").length - 1).toBe(run.rows);
  expect(rows.map(encodeCopyLine).join("").startsWith(text)).toBe(true);
  return { rows: run.rows, isFull: run.isFull };
}

function bytesOf(row: Row): number {
  return Buffer.byteLength(encodeCopyLine(row));
}

/** Lines of ten bytes: seven of the value, a tab, the image, a newline. */
function rowsWith(images: string): readonly Row[] {
  return Array.from(images, (image) => ["1234567", image]);
}

describe.each(Object.entries(dialects))("a run of %s", (_name, read) => {
  test.each([
    ["all rows fit", "abcde", false, 50, 5, false],
    ["the last one does not", "abcde", false, 49, 4, true],
    ["one row is larger than the limit", "abcde", false, 5, 1, true],
    ["the only row is larger than the limit", "a", false, 5, 1, false],
    ["with a key equal last cells mean nothing", "aaaaa", false, 30, 3, true],
  ])("%s", (_case, images, hasImage, largestBytes, rows, isFull) => {
    expect(read(rowsWith(images), hasImage, largestBytes)).toEqual({ rows, isFull });
  });
});

describe("a run of rows of SQL Server that have no key", () => {
  const read = dialects["rows of SQL Server"];
  test.each([
    ["the cut is where the image changes", "aabbb", 40, 2, true],
    ["a change just at the limit", "aabbb", 20, 2, true],
    ["equal rows stay together beyond the limit", "aaaab", 20, 4, true],
    ["nothing but equal rows", "aaaa", 20, 4, false],
  ])("%s", (_case, images, largestBytes, rows, isFull) => {
    expect(read(rowsWith(images), true, largestBytes)).toEqual({ rows, isFull });
  });

  test("ends where equal rows alone are more than a message holds", () => {
    const large = "x".repeat(contentLimits.bodyBytes / 2);
    const rows = Array.from({ length: 2 }, (): Row => [large, "a"]);
    expect(read(rows, true, 1000).isFull).toBe(true);
  });
});

describe("reading a run", () => {
  test("is cancelled when too much comes behind its end, and counts as done", async () => {
    await readRun(new AbortController().signal, (within, drop) => {
      drop(64 * 1024 * 1024);
      expect(within.aborted).toBe(false);
      drop(1);
      expect(within.aborted).toBe(true);
      return Promise.reject(new Error("cancelled"));
    });
  });

  test("rejects with what fails before that, and with a cancellation from outside", async () => {
    const fails = readRun(new AbortController().signal, () => Promise.reject(new Error("the statement failed")));
    await expect(fails).rejects.toThrow("the statement failed");
    const outside = new AbortController();
    const cancelled = readRun(outside.signal, (within, drop) => {
      drop(65 * 1024 * 1024);
      outside.abort();
      return within.aborted ? Promise.reject(new Error("cancelled")) : Promise.resolve();
    });
    await expect(cancelled).rejects.toThrow("cancelled");
  });
});

describe("what no message can hold", () => {
  test.each([
    [1, /the row id = 7 of dbo\.t is too large, its column v alone has 67108862: 671\d+ bytes as text, .* 67108864/],
    [3, /3 rows of dbo\.t: 671\d+ bytes/],
  ])("is refused by name (%p rows)", (rows, message) => {
    const text = Buffer.alloc(contentLimits.bodyBytes + 1, "x");
    text.write("7\t");
    text.write("\n", text.length - 1);
    const refusal = expect.objectContaining({ code: "DATABASE_UNSUPPORTED", message: expect.stringMatching(message) });
    const batch = { kind: "rows", table: "dbo.t", columns: ["id", "v"], rows, text } as const;
    expect(() => {
      requireSendable("shop", batch, ["id"]);
    }).toThrow(refusal);
    requireSendable("shop", { ...batch, text: text.subarray(0, text.length - 1000) }, ["id"]);
  });
});
