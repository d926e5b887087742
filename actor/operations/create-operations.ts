import type { Actor, OperationAnswer } from "../actor-api.js";
import type { ActorContext } from "../actor-context.js";
import { withOperation } from "../core/operation-document.js";
import { abortHereOrThere } from "./abort-operation.js";
import { beginOperation } from "./begin-operation.js";
import { findOperation } from "./find-operation.js";

type OperationsApi = Pick<
  Actor,
  "requestOperation" | "operations" | "findOperation" | "abortOperation" | "retryOperation"
>;

/** What the routes and the link may ask of operations. */
export function createOperations(context: ActorContext): OperationsApi {
  return {
    requestOperation: (request) => beginOperation(context, { ...request, isAutomatic: false }),
    operations: () => {
      const { operation, lastOperations } = context.store.facts;
      return operation ? [operation, ...lastOperations] : lastOperations;
    },
    findOperation: (operationId) => findOperation(context, operationId),
    abortOperation: (operationId, requestedBy) => abortHereOrThere(context, operationId, requestedBy),
    retryOperation: (operationId, requestedBy) => retryOperation(context, operationId, requestedBy),
  };
}

async function retryOperation(
  context: ActorContext,
  operationId: string,
  requestedBy: string,
): Promise<OperationAnswer> {
  const { store, ports } = context;
  const facts = await store.change((before) => {
    if (before.operation?.id !== operationId || before.operation.state !== "asks-a-person") return before;
    // A coordinator asks only when it cannot undo: the next attempt is again at undoing.
    if (before.operation.part === "coordinator") return withOperation(before, operationId, { state: "undoing" });
    const steps = before.operation.steps.map((step) =>
      step.state === "failed" ? { ...step, state: "running" as const, because: "" } : step,
    );
    return withOperation(before, operationId, { state: "running", because: "", steps });
  });
  const { operation } = facts;
  if (operation?.id !== operationId) {
    return { kind: "refused", because: `operation ${operationId} does not wait for a person here`, hint: "" };
  }
  ports.log.info("operation-retried", { operation: operationId, requestedBy });
  context.wakeOperations();
  return { kind: "accepted", operation };
}
