import { errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { StepView } from "../../shared/core/status.js";
import type { ActorContext } from "../actor-context.js";
import type { OperationDocument } from "../core/kept-facts.js";
import { nextStepHere, withEndedOperation, withOperation, withStep } from "../core/operation-document.js";
import type { StepName } from "../core/switchover-plan.js";
import { withDeadline } from "../../shared/deadline.js";
import { runLoop } from "../watch/loop.js";
import { followClaimant } from "./follow-claimant.js";
import { resumeTakeover } from "./resume-takeover.js";
import type { StepContext } from "./step.js";
import { countSwitchover } from "./count-switchover.js";
import { steps } from "./steps/index.js";
import { undoOperation } from "./undo-operation.js";

/** How soon a failed attempt is repeated: twice as long each time, up to the last. */
const retryPausesSeconds = [0.2, 0.5, 1, 2, 5] as const;

/** Attempts at the present step; not kept, so that a resumed operation has its full patience again. */
export interface Attempts {
  operationId: string;
  step: string;
  count: number;
  sinceMs: number;
}

/**
 * Runs the kept operation, one attempt at one step per tick. Each effect is preceded by a durable note, so that a
 * process that dies anywhere finds the operation where it was; `verify`, not the note, decides what is true.
 */
export function runOperations(context: ActorContext, sleepUntilWoken: (seconds: number) => number): Promise<void> {
  const attempts: Attempts = { operationId: "", step: "", count: 0, sinceMs: 0 };
  return runLoop(
    context,
    "operations",
    () => {
      if (context.store.facts.operation === null) return sleepUntilWoken(0.5);
      return retryPausesSeconds[Math.min(attempts.count, retryPausesSeconds.length) - 1] ?? 0;
    },
    async () => {
      const { operation } = context.store.facts;
      if (!operation) {
        await resumeTakeover(context);
        return;
      }
      switch (operation.state) {
        case "running":
          await advance(context, operation, attempts);
          return;
        case "handed-over":
          attempts.count = 2;
          await followClaimant(context, operation, attempts);
          return;
        case "undoing":
          attempts.count = 2;
          await undoOperation(context, operation, attempts);
          return;
        case "asks-a-person":
          attempts.count = 3;
          await endIfOvertaken(context, operation);
          return;
        case "done":
        case "undone":
          return;
      }
    },
  );
}

/** A claimant that waits for a person has nothing left to do once a later claim has taken the name from it. */
async function endIfOvertaken(context: ActorContext, operation: OperationDocument): Promise<void> {
  const { store, ports } = context;
  const { record } = store.facts;
  if (operation.part !== "claimant" || !record || record.epoch <= operation.previous.epoch + 1) return;
  const because = `${operation.because}; overtaken by epoch ${record.epoch}, active ${record.active}`;
  await store.change((facts) =>
    withEndedOperation(facts, operation.id, { state: "undone", because, nowMs: ports.clock.wallMs() }),
  );
  countSwitchover(context, operation, "undone");
  ports.log.warn("operation-undone", { operation: operation.id, because });
}

async function advance(context: ActorContext, operation: OperationDocument, attempts: Attempts): Promise<void> {
  const { store, ports } = context;
  if (isOvertaken(context, operation)) {
    const because = "another claim has overtaken the operation";
    await store.change((facts) => withOperation(facts, operation.id, { state: "undoing", because }));
    ports.log.warn("operation-overtaken", { operation: operation.id, because });
    return;
  }
  const view = nextStepHere(operation);
  if (!view) {
    await finishPart(context, operation);
    return;
  }
  beginAttempt(context, operation, view, attempts);
  const isResumed = view.state === "running" && attempts.count === 1;
  if (view.state === "waiting") {
    await store.change((facts) =>
      withStep(facts, operation.id, view.name, { state: "running", startedAtMs: ports.clock.wallMs() }),
    );
    ports.log.info("step-started", { operation: operation.id, step: view.name });
  }
  const outcome = await attemptUnlessAborted(context, store.facts.operation ?? operation, view.name, isResumed);
  if (outcome.kind === "done") {
    await store.change((facts) =>
      withStep(facts, operation.id, view.name, {
        state: "done",
        endedAtMs: ports.clock.wallMs(),
        because: outcome.note,
      }),
    );
    // Only what is kept is done: on a full disk the step is tried again, each time later.
    attempts.count = 0;
    ports.log.info("step-done", { operation: operation.id, step: view.name });
    return;
  }
  // Aborted meanwhile: what was begun is undone, not tried again.
  if (store.facts.operation?.state !== "running") return;
  const step = steps[view.name as StepName];
  const triedSeconds = (ports.clock.monotonicMs() - attempts.sinceMs) / 1000;
  if (!outcome.isFinal && triedSeconds < step.patienceSeconds) {
    if (view.because !== outcome.because) {
      ports.log.warn("step-retried", { operation: operation.id, step: view.name, because: outcome.because });
      await store.change((facts) => withStep(facts, operation.id, view.name, { because: outcome.because }));
    }
    return;
  }
  await failStep(context, operation, view, outcome.because);
  attempts.count = 0;
}

/** The target has taken over by a failover while the coordinator was away: no step of the plan makes sense any more. */
function isOvertaken({ store }: ActorContext, operation: OperationDocument): boolean {
  const { record } = store.facts;
  if (operation.part !== "coordinator" || record === null) return false;
  return record.active !== operation.from && record.operationId !== operation.id;
}

function beginAttempt(context: ActorContext, operation: OperationDocument, view: StepView, attempts: Attempts): void {
  if (attempts.operationId !== operation.id || attempts.step !== view.name) {
    attempts.operationId = operation.id;
    attempts.step = view.name;
    attempts.count = 0;
    attempts.sinceMs = context.ports.clock.monotonicMs();
  }
  attempts.count += 1;
}

type AttemptOutcome =
  | { readonly kind: "done"; readonly note: string }
  | { readonly kind: "failed"; readonly because: string; readonly isFinal: boolean };

/** Lets a person end the attempt while it is under way. */
async function attemptUnlessAborted(
  context: ActorContext,
  operation: OperationDocument,
  name: string,
  isResumed: boolean,
): Promise<AttemptOutcome> {
  const { situation, signal } = context;
  const ending = new AbortController();
  const end = (): void => {
    ending.abort();
  };
  signal.addEventListener("abort", end, { once: true });
  // What is undone by a step of its own is let come to its end: a stop that goes on in the dark would overtake the start.
  if (steps[name as StepName].undo.kind !== "run") situation.abortStep = end;
  try {
    return await attempt(context, operation, { name: name as StepName, isResumed, signal: ending.signal });
  } finally {
    situation.abortStep = undefined;
    signal.removeEventListener("abort", end);
  }
}

async function attempt(
  context: ActorContext,
  operation: OperationDocument,
  { name, isResumed, signal }: { readonly name: StepName; readonly isResumed: boolean; readonly signal: AbortSignal },
): Promise<AttemptOutcome> {
  const step = steps[name];
  const { ports } = context;
  const deadline = { what: `step ${name}`, limitSeconds: step.limitSeconds(context.settings, operation.kind), signal };
  try {
    return await withDeadline(ports.clock, deadline, async (limited) => {
      const io: StepContext = { context, operation, signal: limited, reportProgress: createProgress(context, name) };
      // A resumed step may have had its effect already; steps whose verify proves nothing are simply done again.
      const before = isResumed && step.undo.kind === "run" ? await step.verify(io) : undefined;
      if (before?.holds) return { kind: "done", note: before.note ?? "" } as const;
      await step.do(io);
      const verdict = await step.verify(io);
      return verdict.holds
        ? ({ kind: "done", note: verdict.note ?? "" } as const)
        : { kind: "failed", because: verdict.because, isFinal: false };
    });
  } catch (error) {
    if (context.signal.aborted) throw error;
    if (errorCode(error) === undefined) ports.log.error("step-bug", { step: name, message: errorMessage(error) });
    return { kind: "failed", because: errorMessage(error), isFinal: errorCode(error) === "OWNERSHIP_LOST" };
  }
}

/** Long steps say how far they are; a line for each tenth is enough. */
function createProgress(context: ActorContext, name: StepName): (ratio: number) => void {
  let lastTenth = -1;
  return (ratio) => {
    const tenth = Math.floor(ratio * 10);
    if (tenth === lastTenth) return;
    lastTenth = tenth;
    context.ports.log.debug("step-progress", { step: name, ratio });
  };
}

async function finishPart(context: ActorContext, operation: OperationDocument): Promise<void> {
  const { store, ports } = context;
  if (operation.part === "coordinator") {
    // Aborted while the last step was done: then the other server must give it up first.
    await store.change((facts) =>
      facts.operation?.state === "running" ? withOperation(facts, operation.id, { state: "handed-over" }) : facts,
    );
    return;
  }
  const nowMs = ports.clock.wallMs();
  await store.change((facts) => {
    const ended = withEndedOperation(facts, operation.id, { state: "done", because: "", nowMs });
    const isCounted = operation.isAutomatic && ended !== facts;
    return {
      ...ended,
      asks: [],
      lastAutomaticFailover: isCounted ? { atMs: nowMs, isAcknowledged: false } : ended.lastAutomaticFailover,
    };
  });
  countSwitchover(context, operation, "done");
  ports.log.info("operation-done", { operation: operation.id, kind: operation.kind });
}

/** Before the claim is won the operation is undone; after it only forward remains, so a person is asked. */
async function failStep(
  context: ActorContext,
  operation: OperationDocument,
  view: StepView,
  because: string,
): Promise<void> {
  const { store, ports } = context;
  const nowMs = ports.clock.wallMs();
  const failed = { state: "failed", because, endedAtMs: nowMs } as const;
  if (operation.part === "coordinator") {
    const isCancelWanted = view.name === "hand-over";
    await store.change((facts) =>
      withOperation(withStep(facts, operation.id, view.name, failed), operation.id, {
        state: "undoing",
        because: `${view.name}: ${because}`,
        isCancelWanted,
      }),
    );
    ports.log.error("operation-undoing", { operation: operation.id, step: view.name, because });
    return;
  }
  const isOwner = store.facts.record?.operationId === operation.id;
  await store.change((facts) => {
    const noted = withStep(facts, operation.id, view.name, failed);
    return isOwner
      ? withOperation(noted, operation.id, { state: "asks-a-person", because: `${view.name}: ${because}` })
      : withEndedOperation(noted, operation.id, { state: "undone", because: `${view.name}: ${because}`, nowMs });
  });
  const event = isOwner ? "operation-asks-a-person" : "operation-undone";
  if (!isOwner) countSwitchover(context, operation, "undone");
  ports.log.error(event, { operation: operation.id, step: view.name, because });
}
