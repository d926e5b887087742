import type { OperationDocument } from "../../actor/core/kept-facts.js";
import { createOperationDocument } from "../../actor/core/operation-document.js";
import { isPlanned, planSwitchover, targetOf } from "../../actor/core/switchover-plan.js";
import { stepTitles } from "../../actor/operations/steps/index.js";
import type { OperationKind } from "../../shared/core/status.js";

/** The document of an operation that was just asked for, as its coordinator keeps it (a failover: its claimant). */
export function anOperationDocument(kind: OperationKind, change: Partial<OperationDocument> = {}): OperationDocument {
  const plan = planSwitchover(kind, targetOf(kind));
  return {
    ...createOperationDocument({
      id: "op1",
      plan,
      titles: stepTitles,
      part: isPlanned(kind) ? "coordinator" : "claimant",
      requestedBy: "olga",
      reason: "patches",
      isAutomatic: false,
      previous: { epoch: 1, active: plan.from, operationId: "first" },
      nowMs: 1000,
    }),
    ...change,
  };
}
