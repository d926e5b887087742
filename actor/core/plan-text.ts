import type { PlanStepView, PreCheckView } from "../../shared/core/operation-plan.js";
import type { OperationView } from "../../shared/core/status.js";

/** A plan in words, one step a line: on which server, what, how long at most, and whether it can be undone. */
export function formatPlan(
  operation: Pick<OperationView, "kind" | "from" | "to">,
  steps: readonly PlanStepView[],
): string {
  const lines = steps.map((step, index) => {
    const limits = step.skippedBecause === "" ? `(${limitText(step)})` : `(skipped: ${step.skippedBecause})`;
    return `  ${String(index + 1).padStart(2)}. ${step.runsOn.padEnd(9)}  ${step.title} ${limits}`;
  });
  const noReturn = steps.findIndex((step) => step.undo === "point-of-no-return");
  if (noReturn >= 0) {
    lines.splice(noReturn, 0, "      --------- point of no return: from here on it only goes forward ---------");
  }
  return [`${operation.kind} from ${operation.from} to ${operation.to} would do:`, ...lines].join("\n");
}

function limitText({ limitSeconds, patienceSeconds, undo }: PlanStepView): string {
  const limit = `at most ${duration(limitSeconds)} an attempt`;
  const patience = patienceSeconds === undefined ? "as long as it takes" : `tried for ${duration(patienceSeconds)}`;
  return undo === "run" ? `${limit}, ${patience}; can be undone` : `${limit}, ${patience}`;
}

function duration(seconds: number): string {
  if (seconds >= 7200) return `${round(seconds / 3600)} h`;
  return seconds >= 600 ? `${round(seconds / 60)} min` : `${round(seconds)} s`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** What was looked at before, one line each: what speaks against it first looks like it. */
export function formatPreChecks(checks: readonly PreCheckView[]): string {
  if (checks.length === 0) return "Nothing was checked.";
  const lines = checks.map(
    ({ server, passed, because, hint }) =>
      `  ${passed ? "ok  " : "FAIL"} ${server.padEnd(9)}  ${because}${passed || hint === "" ? "" : `\n       → ${hint}`}`,
  );
  return ["Checked before:", ...lines].join("\n");
}
