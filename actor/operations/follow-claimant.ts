import { errorMessage } from "../../shared/core/app-error.js";
import type { OperationView } from "../../shared/core/status.js";
import type { ActorContext } from "../actor-context.js";
import type { OperationDocument } from "../core/kept-facts.js";
import { withEndedOperation, withOperation } from "../core/operation-document.js";
import { askOperationStatus } from "./operation-messages.js";
import { nextRecord } from "../core/ownership.js";
import { learnRecord } from "../watch/note-confirmation.js";
import type { Attempts } from "./runner.js";

/** A claimant that is silent for longer, while the record still names this server, is taken for lost. */
const silencePatienceSeconds = 60;

/** A claim that takes longer is called off: until it is made nobody serves, and this server's data are the newest. */
const claimPatienceSeconds = 60;

/** The coordinator after the hand-over: it shows what the claimant does and ends when the claimant has ended. */
export async function followClaimant(
  context: ActorContext,
  operation: OperationDocument,
  attempts: Attempts,
): Promise<void> {
  const { store, ports, signal } = context;
  if (attempts.step !== "handed-over" || attempts.operationId !== operation.id) {
    Object.assign(attempts, { operationId: operation.id, step: "handed-over", sinceMs: ports.clock.monotonicMs() });
  }
  const isStillOwner = store.facts.record?.active === context.server;
  try {
    const known = await askOperationStatus(context, operation.id, signal);
    if (!isStillOwner) attempts.sinceMs = ports.clock.monotonicMs();
    if (!isStillOwner && known.kind !== "known") {
      await end(
        context,
        operation,
        "done",
        `the ${operation.to} owns the name and does not know the operation any more`,
      );
      return;
    }
    switch (known.kind) {
      case "known":
        await takeProgress(context, operation, known.operation, attempts);
        return;
      case "cancelled":
        await goBack(context, operation, "the target has cancelled", false);
        return;
      case "unknown":
        await goBack(context, operation, "the target does not know the operation", true);
        return;
    }
  } catch (error) {
    if (signal.aborted) throw error;
    const silentSeconds = (ports.clock.monotonicMs() - attempts.sinceMs) / 1000;
    if (silentSeconds <= silencePatienceSeconds) return;
    const because = `the ${operation.to} is silent: ${errorMessage(error)}`;
    if (isStillOwner) await goBack(context, operation, because, true);
    // It has claimed: what is left is its own. Waiting here would forbid the failover that its loss may demand.
    else
      await end(
        context,
        operation,
        "done",
        `the ${operation.to} owns the name; how far it came is not known: ${because}`,
      );
  }
}

async function takeProgress(
  context: ActorContext,
  operation: OperationDocument,
  seen: OperationView,
  attempts: Attempts,
): Promise<void> {
  const { store, ports } = context;
  const isStillOwner = store.facts.record?.active === context.server;
  if (seen.state === "undone" && !isStillOwner) {
    await end(context, operation, "undone", seen.because);
    return;
  }
  if (seen.state === "undone") {
    await goBack(context, operation, seen.because, false);
    return;
  }
  const steps = operation.steps.map((step) =>
    step.runsOn === operation.to ? (seen.steps.find((other) => other.name === step.name) ?? step) : step,
  );
  const because = seen.state === "asks-a-person" ? `the ${operation.to} asks a person: ${seen.because}` : "";
  if (JSON.stringify(steps) !== JSON.stringify(operation.steps) || because !== operation.because) {
    const progressRatio = steps.filter((step) => step.state === "done").length / steps.length;
    await store.change((facts) => withOperation(facts, operation.id, { steps, because, progressRatio }));
  }
  if (seen.state === "done") {
    // Before the end: after it this server would own the name by what it knows, with nothing that binds it.
    await learnRecord(context, nextRecord(operation.previous, operation.to, operation.id), "peer");
    await end(context, operation, "done", "");
    return;
  }
  const waitedSeconds = (ports.clock.monotonicMs() - attempts.sinceMs) / 1000;
  const isClaimed = seen.steps.some((step) => step.name === "claim-ownership" && step.state === "done");
  if (isStillOwner && !isClaimed && waitedSeconds > claimPatienceSeconds) {
    await goBack(context, operation, `the ${operation.to} has not claimed the name in ${claimPatienceSeconds} s`, true);
  }
}

async function end(
  context: ActorContext,
  operation: OperationDocument,
  state: "done" | "undone",
  because: string,
): Promise<void> {
  const { store, ports } = context;
  await store.change((facts) =>
    withEndedOperation(facts, operation.id, { state, because, nowMs: ports.clock.wallMs() }),
  );
  ports.log.info(`operation-${state}`, { operation: operation.id, kind: operation.kind, because });
}

async function goBack(
  context: ActorContext,
  operation: OperationDocument,
  because: string,
  isCancelWanted: boolean,
): Promise<void> {
  await context.store.change((facts) =>
    withOperation(facts, operation.id, { state: "undoing", because, isCancelWanted }),
  );
  context.ports.log.error("operation-undoing", { operation: operation.id, because });
}
