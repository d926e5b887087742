import type { CaseResult } from "./case-result.js";

/** The results as a table for people. */
export function describeResults(results: readonly CaseResult[]): string {
  const head = ["case", "measure", "ours", "peer", "theirs", "ratio", "target", "", "noise"];
  const rows = results.map((one) => [
    one.name,
    one.measure,
    withUnit(one.ours, one.unit),
    one.peer,
    withUnit(one.theirs, one.unit),
    one.ratio === null ? "-" : String(one.ratio),
    one.peer === "none" ? withUnit(one.target, one.unit) : String(one.target),
    one.why === undefined ? (one.met ? "met" : "missed") : `not measured: ${one.why}`,
    one.noise === null ? "-" : String(one.noise),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function withUnit(value: number | null, unit: string): string {
  return value === null ? "-" : `${value} ${unit}`;
}
