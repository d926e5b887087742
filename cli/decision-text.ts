import type { DecisionRecord } from "../actor/core/decision-record.js";
import { formatTable, formatTime } from "./text-table.js";

/** One decision with every criterion, for people. */
export function formatDecision({
  id,
  decision,
  because,
  decidedAtMs,
  criteria,
  isObservedOnly,
}: DecisionRecord): string {
  const rows = criteria.map(({ name, met, because: why }) => [met ? "  met" : "  NOT MET", name, why]);
  const observed = isObservedOnly ? " (observed only: nothing came of it)" : "";
  return [`${id} ${formatTime(decidedAtMs)}: ${decision}${observed} — ${because}`, formatTable(rows)].join("\n");
}

/** All decisions, one line each: what stood in the way. */
export function formatDecisions(decisions: readonly DecisionRecord[]): string {
  if (decisions.length === 0) return "nothing was decided yet";
  return formatTable([
    ["decision", "at", "decided", "because"],
    ...decisions.map(({ id, decidedAtMs, decision, because, isObservedOnly }) => [
      id,
      formatTime(decidedAtMs),
      isObservedOnly && decision === "fail-over" ? "would fail over" : decision,
      because,
    ]),
  ]);
}
