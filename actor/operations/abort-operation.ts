import { errorMessage } from "../../shared/core/app-error.js";
import type { OperationAnswer } from "../actor-api.js";
import { isPeerConnected, peerName, type ActorContext } from "../actor-context.js";
import type { OperationDocument } from "../core/kept-facts.js";
import { withEndedOperation, withOperation } from "../core/operation-document.js";
import { refused } from "./accept-operation.js";
import { askOperationStatus } from "./operation-messages.js";
import { operationAnswer } from "./begin-operation.js";

/**
 * A person wants the operation undone. Before the claim it is; from the claim on there is only forward. Aborted twice,
 * it is undone once. Resolves when that is kept; the undoing itself follows.
 */
export async function abortOperation(
  context: ActorContext,
  operationId: string,
  requestedBy: string,
): Promise<OperationAnswer> {
  const { store, ports, situation } = context;
  const operation = store.facts.operation;
  if (operation?.id !== operationId) return refused(`operation ${operationId} does not run here`);
  if (isClaimed(context, operation) || (await hasTargetClaimed(context, operation))) return tooLate(operation);
  const because = `aborted by ${requestedBy}`;
  if (operation.part === "claimant") {
    if ((await cancelOperation(context, operationId, because)) === "claimed") return tooLate(operation);
  } else {
    const facts = await store.change((before) => {
      const now = before.operation;
      const isRunning = now?.state === "running" || now?.state === "handed-over";
      if (now?.id !== operationId || !isRunning || before.record?.active !== context.server) return before;
      return withOperation(before, operationId, { state: "undoing", because, isCancelWanted: hasHandedOver(now) });
    });
    if (facts.operation?.id === operationId && facts.operation.state !== "undoing") return tooLate(operation);
    situation.abortStep?.();
  }
  ports.log.warn("operation-aborted", { operation: operationId, requestedBy });
  context.wakeOperations();
  const seen = [store.facts.operation, ...store.facts.lastOperations].find((one) => one?.id === operationId);
  return { kind: "accepted", operation: seen ?? operation };
}

/** The same, asked at the server on which the operation does not run. */
export async function abortHereOrThere(
  context: ActorContext,
  operationId: string,
  requestedBy: string,
): Promise<OperationAnswer> {
  const { store, ports, signal } = context;
  if (store.facts.operation?.id === operationId || !isPeerConnected(context)) {
    return abortOperation(context, operationId, requestedBy);
  }
  const fields = { operationId, requestedBy };
  try {
    const reply = await ports.link.ask("operations/abort", { fields }, { limitSeconds: 10, signal });
    return operationAnswer.parse(reply.fields);
  } catch (error) {
    return refused(`the ${peerName(context)} did not take the request: ${errorMessage(error)}`);
  }
}

function isClaimed({ store }: ActorContext, operation: OperationDocument): boolean {
  return store.facts.record?.operationId === operation.id || store.facts.record?.epoch !== operation.previous.epoch;
}

/** After a hand-over only the target knows; what it does not say now, it says when it is asked to cancel. */
async function hasTargetClaimed(context: ActorContext, operation: OperationDocument): Promise<boolean> {
  if (operation.part === "claimant" || !hasHandedOver(operation)) return false;
  const known = await askOperationStatus(context, operation.id, context.signal).catch(() => undefined);
  if (known?.kind !== "known") return false;
  return known.operation.steps.some((step) => step.name === "claim-ownership" && step.state === "done");
}

/** A hand-over whose answer was lost may have arrived: the other server must be heard before anything is undone. */
function hasHandedOver(operation: OperationDocument): boolean {
  return operation.steps.some((step) => step.name === "hand-over" && step.state !== "waiting");
}

function tooLate({ to }: OperationDocument): OperationAnswer {
  return refused(
    `the point of no return is behind it: the ${to} owns the name, or may own it`,
    "Let it end; then switch back with: sparesync switch.",
  );
}

/** Cancels unless the claim may have left this server; durable before it is acknowledged (docs/ownership.md 8). */
export async function cancelOperation(
  context: ActorContext,
  operationId: string,
  because: string,
): Promise<"cancelled" | "claimed"> {
  const { store, ports } = context;
  const nowMs = ports.clock.wallMs();
  const facts = await store.change((before) => {
    if (before.cancelledOperations.includes(operationId)) return before;
    const isSent = before.claim?.operationId === operationId && before.claim.state !== "intended";
    const isDone = before.lastOperations.some((last) => last.id === operationId && last.state === "done");
    if (isSent || isDone || before.record?.operationId === operationId) return before;
    if (before.operation?.id === operationId) {
      return withEndedOperation(before, operationId, { state: "undone", because, nowMs });
    }
    return { ...before, cancelledOperations: [operationId, ...before.cancelledOperations].slice(0, 100) };
  });
  const isCancelled = facts.cancelledOperations.includes(operationId);
  ports.log.info("cancel-answered", { operation: operationId, isCancelled });
  return isCancelled ? "cancelled" : "claimed";
}
