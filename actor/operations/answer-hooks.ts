import type { z } from "zod";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import { otherServer } from "../../shared/core/server-name.js";
import type { ActorContext } from "../actor-context.js";
import type { HookRun } from "../situation.js";
import { targetOf } from "../core/switchover-plan.js";
import type { hookFields } from "./ask-peer-hooks.js";
import { runOwnHooks, type HookOccasion } from "./run-hooks.js";

/** Begins this server's hooks for an operation that the other one leads; asked again, tells how far they are. */
export function answerHooks(context: ActorContext, fields: z.output<typeof hookFields>): JsonObject {
  const { when, operationId } = fields;
  refuseLate(context, fields);
  const { hookRuns } = context.situation;
  const known = hookRuns.get(`${operationId} ${when}`);
  // A veto is an answer: asking again would be to overhear it.
  if (known) return tell(known);
  if (when === "before" && hookRuns.has(`${operationId} after`)) {
    throw new AppError("OPERATION_REFUSED", `operation ${operationId} is over: its hooks are not run any more`);
  }
  const before = hookRuns.get(`${operationId} before`);
  for (const { key } of hookRuns.values()) if (!key.startsWith(`${operationId} `)) hookRuns.delete(key);
  const run = begin(context, fields, before?.ended ?? Promise.resolve());
  hookRuns.set(run.key, run);
  return tell(run);
}

function tell({ isRunning, isDone, because }: HookRun): JsonObject {
  return { isRunning, isDone, because };
}

/** Before it, and when it is undone, this server does not own the name and knows the same record as the asker. */
function refuseLate(
  { store, server }: ActorContext,
  { epoch, result, operationId }: z.output<typeof hookFields>,
): void {
  const { record } = store.facts;
  const known = record?.epoch ?? 0;
  // What the claimant tells of its claim may come before the record itself.
  const isCurrent = epoch === known ? record?.active !== server : result === "done" && epoch > known;
  if (isCurrent) return;
  throw new AppError(
    "EPOCH_TOO_OLD",
    `hooks of operation ${operationId} belong to epoch ${epoch}, known here is ${known} of the ${record?.active ?? "nobody"}`,
  );
}

function begin(context: ActorContext, fields: z.output<typeof hookFields>, before: Promise<void>): HookRun {
  const { operationId: id, kind, requestedBy, reason, when, result } = fields;
  const to = targetOf(kind);
  const occasion: HookOccasion = {
    when,
    result,
    operation: { id, kind, from: otherServer(to), to, requestedBy, reason },
  };
  const state = { key: `${id} ${when}`, isRunning: true, isDone: false, because: "" };
  const run = async (): Promise<void> => {
    // What was prepared is not taken back while it is still being prepared.
    await before;
    try {
      Object.assign(state, { because: await runOwnHooks(context, occasion, context.signal), isDone: true });
    } catch (error) {
      state.because = errorMessage(error);
    }
    state.isRunning = false;
  };
  return Object.assign(state, { ended: run() });
}
