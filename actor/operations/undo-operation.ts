import { countSwitchover } from "./count-switchover.js";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { ActorContext } from "../actor-context.js";
import { claimRecord } from "../claim-record.js";
import type { OperationDocument } from "../core/kept-facts.js";
import { withEndedOperation, withOperation, withStep } from "../core/operation-document.js";
import { nextRecord } from "../core/ownership.js";
import { claimAnewId, isReadyToServe, withReadyRecord } from "../core/readiness.js";
import type { StepName } from "../core/switchover-plan.js";
import { withDeadline } from "../../shared/deadline.js";
import { askCancel } from "./operation-messages.js";
import type { Attempts } from "./runner.js";
import { steps } from "./steps/index.js";

/** How long one step's undo is tried before the operation ends without it, or asks a person. */
const undoPatienceSeconds = 90;

/** How long the claimant is asked to cancel before this server claims anew itself. */
const cancelPatienceSeconds = 10;

/**
 * Undoes what the coordinator has done, in reverse. After a hand-over the claimant must first have cancelled; when it
 * cannot be asked, this server claims anew: by the compare-and-swap the handed-over claim can then not win any more.
 */
export async function undoOperation(
  context: ActorContext,
  operation: OperationDocument,
  attempts: Attempts,
): Promise<void> {
  const { store, ports } = context;
  if (attempts.step !== "undoing" || attempts.operationId !== operation.id) {
    Object.assign(attempts, { operationId: operation.id, step: "undoing", sinceMs: ports.clock.monotonicMs() });
  }
  const { record } = store.facts;
  if (record?.active !== context.server) {
    await leaveToClaimant(context, operation);
    return;
  }
  if (operation.isCancelWanted && !(await isCancelled(context, operation, attempts))) return;
  const left = store.facts.operation?.steps.findLast(
    (step) =>
      step.runsOn === operation.from &&
      steps[step.name as StepName].undo.kind === "run" &&
      (step.state === "done" || step.state === "running" || step.state === "failed"),
  );
  if (left) {
    await undoStepPatiently(context, operation, left.name as StepName, attempts);
    return;
  }
  const nowMs = ports.clock.wallMs();
  await store.change((facts) =>
    withEndedOperation(facts, operation.id, { state: "undone", because: operation.because, nowMs }),
  );
  countSwitchover(context, operation, "undone");
  ports.log.info("operation-undone", { operation: operation.id, because: operation.because });
}

/** The record names the other server: it has claimed after all, so it goes forward. */
async function leaveToClaimant(context: ActorContext, operation: OperationDocument): Promise<void> {
  const { store, ports } = context;
  if (store.facts.record?.operationId === operation.id) {
    await store.change((facts) => withOperation(facts, operation.id, { state: "handed-over", isCancelWanted: false }));
    return;
  }
  const because = "another claim has overtaken the operation";
  await store.change((facts) =>
    withEndedOperation(facts, operation.id, { state: "undone", because, nowMs: ports.clock.wallMs() }),
  );
}

async function isCancelled(context: ActorContext, operation: OperationDocument, attempts: Attempts): Promise<boolean> {
  const { store, ports, signal } = context;
  try {
    const outcome = await askCancel(context, operation.id, signal);
    // Sent, perhaps won. If it was won, this server reads that soon; if not, only claiming anew makes it certain.
    if (outcome === "claimed") throw new AppError("OWNERSHIP_UNCLEAR", "the target may have claimed");
  } catch (error) {
    if (signal.aborted) throw error;
    const triedSeconds = (ports.clock.monotonicMs() - attempts.sinceMs) / 1000;
    if (triedSeconds < cancelPatienceSeconds || !(await claimAnew(context, operation))) return false;
  }
  await store.change((facts) => withOperation(facts, operation.id, { isCancelWanted: false }));
  return true;
}

async function claimAnew(context: ActorContext, operation: OperationDocument): Promise<boolean> {
  const { store, ports, settings, signal, server } = context;
  const operationId = claimAnewId(operation.id);
  await store.change((facts) =>
    facts.claim === null && facts.record !== null
      ? {
          // The name stays here, and what was ready to serve stays so.
          ...(isReadyToServe(facts) ? withReadyRecord(facts, operationId) : facts),
          claim: {
            operationId,
            previous: facts.record,
            next: nextRecord(facts.record, server, operationId),
            state: "intended",
            validUntilWallMs: 0,
          },
        }
      : facts,
  );
  try {
    await withDeadline(
      ports.clock,
      { what: "claiming anew", limitSeconds: settings.dns.limitSeconds * 4, signal },
      (limited) => claimRecord(context, limited),
    );
  } catch (error) {
    ports.log.warn("claim-anew-failed", { code: errorCode(error) ?? "bug", because: errorMessage(error) });
    return false;
  }
  await store.change((facts) => (facts.claim?.operationId === operationId ? { ...facts, claim: null } : facts));
  return true;
}

/** An undo that keeps failing must not bind this server for ever: see the two ways out below. */
async function undoStepPatiently(
  context: ActorContext,
  operation: OperationDocument,
  name: StepName,
  attempts: Attempts,
): Promise<void> {
  const { store, situation, ports, signal } = context;
  try {
    await undoStep(context, operation, name);
    attempts.sinceMs = ports.clock.monotonicMs();
  } catch (error) {
    if (signal.aborted) throw error;
    if ((ports.clock.monotonicMs() - attempts.sinceMs) / 1000 < undoPatienceSeconds) throw error;
    attempts.sinceMs = ports.clock.monotonicMs();
    const because = `${operation.because}; ${name} could not be undone: ${errorMessage(error)}`;
    if (name === "stop-managed-system") {
      // The watch goes on starting the owner's application; without the operation the spare can be asked to take over.
      situation.shouldStart = true;
      await store.change((facts) =>
        withOperation(
          withStep(facts, operation.id, name, { state: "undone", because: errorMessage(error) }),
          operation.id,
          {
            because,
          },
        ),
      );
    } else {
      await store.change((facts) => withOperation(facts, operation.id, { state: "asks-a-person", because }));
    }
    ports.log.error("undo-failed", { operation: operation.id, step: name, because });
  }
}

async function undoStep(context: ActorContext, operation: OperationDocument, name: StepName): Promise<void> {
  const { store, ports, signal } = context;
  const step = steps[name];
  const { undo } = step;
  if (undo.kind !== "run") return;
  await withDeadline(
    ports.clock,
    { what: `undoing ${name}`, limitSeconds: step.limitSeconds(context.settings, operation.kind), signal },
    (limited) => undo.run({ context, operation, signal: limited, reportProgress: () => undefined }),
  );
  await store.change((facts) => withStep(facts, operation.id, name, { state: "undone" }));
  ports.log.info("step-undone", { operation: operation.id, step: name });
}
