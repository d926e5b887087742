import { reportOperation } from "../actor/core/by-hand.js";
import type { OperationView, StepView } from "../shared/core/status.js";
import { formatTable, formatTime } from "./text-table.js";

/** One operation with its steps, for people. */
export function formatOperation(operation: OperationView): string {
  const { id, kind, state, from, to, requestedBy, reason, because } = operation;
  const lines = [
    `${kind} ${id}: ${state}${because === "" ? "" : ` — ${because}`}`,
    `from ${from} to ${to}, asked for by ${requestedBy}${reason === "" ? "" : ` (${reason})`}, ` +
      `started ${formatTime(operation.startedAtMs)}, ended ${formatTime(operation.endedAtMs)}`,
  ];
  const rows = operation.steps.map((step) => [`  ${step.state}`, step.runsOn, step.title, step.because]);
  return [...lines, ...(rows.length === 0 ? [] : [formatTable(rows)])].join("\n");
}

/** What is left for a person; empty where nothing is. */
export function formatByHand(operation: OperationView): string {
  const { byHand } = reportOperation(operation);
  if (byHand.length === 0) return "";
  return ["", "To be looked at by hand, in this order:", ...byHand.map((text, at) => `  ${at + 1}. ${text}`)].join(
    "\n",
  );
}

/** All operations, one line each. */
export function formatOperations(operations: readonly OperationView[]): string {
  if (operations.length === 0) return "no operations yet";
  return formatTable([
    ["operation", "kind", "state", "started", "ended", "asked for by", "because"],
    ...operations.map((operation) => [
      operation.id,
      operation.kind,
      operation.state,
      formatTime(operation.startedAtMs),
      formatTime(operation.endedAtMs),
      operation.requestedBy,
      operation.because,
    ]),
  ]);
}

/** One change of a step while an operation runs. */
export function formatStep(step: StepView, seconds: number): string {
  const because = step.because === "" ? "" : ` — ${step.because}`;
  return `${seconds.toFixed(1).padStart(7)} s  ${step.runsOn.padEnd(9)}  ${step.state.padEnd(7)}  ${step.title}${because}`;
}
