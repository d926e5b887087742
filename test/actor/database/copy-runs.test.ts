import { describe, expect, test } from "@jest/globals";
import { readRun, requireSendable } from "../../../actor/database/copy-limits.js";
import { RunOfLines } from "../../../actor/database/postgresql/run-of-lines.js";
import { bytesOf, RunOfRows } from "../../../actor/database/sqlserver/run-of-rows.js";
import { encodeCopyLine } from "../../../actor/core/copy-text.js";
import { contentLimits } from "../../../actor/core/link-admission.js";

/** Both dialects' ways to keep a run; how the rows are cut into pieces must not matter. */
const dialects = {
  "lines of PostgreSQL, all at once": (rows: readonly string[], largestBytes: number) =>
    linesOf(rows, largestBytes, rows.length),
  "lines of PostgreSQL, one by one": (rows: readonly string[], largestBytes: number) => linesOf(rows, largestBytes, 1),
  "rows of SQL Server": (rows: readonly string[], largestBytes: number) => {
    const run = new RunOfRows(largestBytes);
    const taken = rows.filter((row) => run.add([row], bytesOf([row])));
    expect(run.rows.flat()).toEqual(taken.slice(0, run.rows.length));
    return { rows: run.rows.length, isFull: run.isFull };
  },
};

function linesOf(rows: readonly string[], largestBytes: number, perPiece: number) {
  const run = new RunOfLines(largestBytes);
  for (let at = 0; at < rows.length; at += perPiece) {
    const lines = rows.slice(at, at + perPiece).map((row) => encodeCopyLine([row]));
    run.add(Buffer.from(lines.join("")), lines.length);
  }
  const text = run.text().toString();
  expect(text.split("\n").length - 1).toBe(run.rows);
  expect(
    rows
      .map((row) => encodeCopyLine([row]))
      .join("")
      .startsWith(text),
  ).toBe(true);
  return { rows: run.rows, isFull: run.isFull };
}

/** Lines of ten bytes: nine of the value, a newline. */
function rowsOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `12345678${String(at)}`);
}

describe.each(Object.entries(dialects))("a run of %s", (_name, read) => {
  test.each([
    ["all rows fit", 5, 50, 5, false],
    ["the last one does not", 5, 49, 4, true],
    ["one row is larger than the limit", 5, 5, 1, true],
    ["the only row is larger than the limit", 1, 5, 1, false],
  ])("%s", (_case, count, largestBytes, rows, isFull) => {
    expect(read(rowsOf(count), largestBytes)).toEqual({ rows, isFull });
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
