import type { StepView } from "../../shared/core/status.js";
import type { KeptFacts, OperationDocument } from "./kept-facts.js";
import type { OwnershipRecord } from "./ownership-record.js";
import type { StepName, SwitchoverPlan } from "./switchover-plan.js";

export interface NewOperation {
  readonly id: string;
  readonly plan: SwitchoverPlan;
  readonly titles: Readonly<Record<StepName, string>>;
  readonly part: OperationDocument["part"];
  readonly requestedBy: string;
  readonly reason: string;
  readonly isAutomatic: boolean;
  readonly previous: OwnershipRecord;
  /** A person says that the other server does not serve. */
  readonly isPeerStopped?: boolean;
  readonly isWordNeeded?: boolean;
  /** Of the server that it is to be handed over to. */
  readonly targetMemoryId?: string;
  /** Steps of the plan that there is nothing to do for. */
  readonly skipped?: { readonly steps: readonly StepName[]; readonly because: string };
  readonly nowMs: number;
}

/** The document of an operation that has not begun yet. */
export function createOperationDocument(operation: NewOperation): OperationDocument {
  const { plan } = operation;
  return {
    id: operation.id,
    kind: plan.kind,
    state: "running",
    requestedBy: operation.requestedBy,
    reason: operation.reason,
    from: plan.from,
    to: plan.to,
    startedAtMs: operation.nowMs,
    endedAtMs: 0,
    because: "",
    progressRatio: 0,
    steps: plan.steps.map((step) => ({
      name: step.name,
      title: operation.titles[step.name],
      runsOn: step.runsOn,
      startedAtMs: 0,
      endedAtMs: 0,
      ...(operation.skipped?.steps.includes(step.name)
        ? { state: "skipped", because: operation.skipped.because }
        : { state: "waiting", because: "" }),
    })),
    part: operation.part,
    isAutomatic: operation.isAutomatic,
    previous: { ...operation.previous },
    isPeerStopped: operation.isPeerStopped ?? false,
    isWordNeeded: operation.isWordNeeded ?? false,
    isCancelWanted: false,
    targetMemoryId: operation.targetMemoryId ?? "",
  };
}

/** Changes one step of the running operation; the same facts when it is not (any more) the operation named. */
export function withStep(facts: KeptFacts, id: string, name: string, change: Partial<StepView>): KeptFacts {
  if (facts.operation?.id !== id) return facts;
  const steps = facts.operation.steps.map((step) => (step.name === name ? { ...step, ...change } : step));
  const ended = steps.filter((step) => step.state === "done" || step.state === "skipped").length;
  return { ...facts, operation: { ...facts.operation, steps, progressRatio: ended / steps.length } };
}

/** Changes the running operation itself. */
export function withOperation(facts: KeptFacts, id: string, change: Partial<OperationDocument>): KeptFacts {
  return facts.operation?.id === id ? { ...facts, operation: { ...facts.operation, ...change } } : facts;
}

/** How many ended operations are remembered. */
const rememberedOperations = 20;

/** Ends the running operation: it moves to the list of the last ones and stops binding this server. */
export function withEndedOperation(
  facts: KeptFacts,
  id: string,
  end: { readonly state: "done" | "undone"; readonly because: string; readonly nowMs: number },
): KeptFacts {
  const { operation } = facts;
  if (operation?.id !== id) return facts;
  const view = {
    ...operation,
    state: end.state,
    because: end.because,
    endedAtMs: end.nowMs,
    progressRatio: end.state === "done" ? 1 : operation.progressRatio,
  };
  const isOver = facts.claim?.operationId === id;
  return {
    ...facts,
    operation: null,
    claim: isOver ? null : facts.claim,
    lastOperations: [view, ...facts.lastOperations].slice(0, rememberedOperations),
    cancelledOperations:
      end.state === "undone" ? [id, ...facts.cancelledOperations].slice(0, 100) : facts.cancelledOperations,
  };
}

/** The next step that this server has to run; undefined when none is left here. */
export function nextStepHere(operation: OperationDocument): StepView | undefined {
  const server = operation.part === "coordinator" ? operation.from : operation.to;
  return operation.steps.find(
    (step) => step.runsOn === server && (step.state === "waiting" || step.state === "running"),
  );
}
