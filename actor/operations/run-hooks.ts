import { AppError } from "../../shared/core/app-error.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { OperationKind, OperationView } from "../../shared/core/status.js";
import { withDeadline } from "../../shared/deadline.js";
import type { ActorContext } from "../actor-context.js";
import { isForced, isPlanned } from "../core/switchover-plan.js";
import { askPeerHooks } from "./ask-peer-hooks.js";
import type { StepContext, Verdict } from "./step.js";

/** What the hooks of a server are run for. */
export interface HookOccasion {
  readonly when: "before" | "after";
  readonly result: "running" | "done" | "undone";
  readonly operation: Pick<OperationView, "id" | "kind" | "from" | "to" | "requestedBy" | "reason">;
}

/** The other server keeps its own limits; one that takes longer than this with all its hooks says no. */
const otherServerLimitSeconds = 3600;

/** How long all hooks of one moment may take together, those of the other server in a planned operation included. */
export function hookLimitSeconds(settings: Settings, when: HookOccasion["when"], kind: OperationKind): number {
  return ownLimitSeconds(settings, when) + (isPlanned(kind) ? otherServerLimitSeconds : 0);
}

function ownLimitSeconds({ hooks }: Settings, when: HookOccasion["when"]): number {
  return 10 + hooks.reduce((sum, hook) => sum + (hook.when === when ? hook.limitSeconds : 0), 0);
}

/**
 * Runs the hooks of the running operation: this server's, and in a planned operation the other one's after them. A hook
 * before an operation that does not succeed is a veto (STEP_FAILED), unless a person forces the takeover; one after it is noted.
 */
export async function runHooks(
  { context, operation, signal }: StepContext,
  when: HookOccasion["when"],
  result: HookOccasion["result"],
): Promise<void> {
  const { situation } = context;
  const occasion: HookOccasion = { when, result, operation };
  situation.hooksEnded = undefined;
  const own = await runOwnHooks(context, occasion, signal);
  const others = isPlanned(operation.kind) ? await askPeerHooks(context, occasion, signal) : "";
  const note = [own, others].filter((text) => text !== "").join("; ");
  situation.hooksEnded = { operationId: operation.id, when, note };
}

/** Whether they have been run to their end by this process; after a crash they are run again, for one of them may say no. */
export function verifyHooks({ context, operation }: StepContext, when: HookOccasion["when"]): Verdict {
  const { hooksEnded } = context.situation;
  if (hooksEnded?.operationId !== operation.id || hooksEnded.when !== when)
    return { holds: false, because: "the hooks were not run to their end" };
  return { holds: true, note: hooksEnded.note };
}

/** This server's hooks, one after the other in the order of the settings; returns what they said. */
export async function runOwnHooks(
  { ports, settings, server }: ActorContext,
  { when, result, operation }: HookOccasion,
  signal: AbortSignal,
): Promise<string> {
  const hooks = settings.hooks.filter((hook) => hook.when === when && hook.operations.includes(operation.kind));
  const variables = {
    SPARESYNC_OPERATION_ID: operation.id,
    SPARESYNC_OPERATION_KIND: operation.kind,
    SPARESYNC_FROM: operation.from,
    SPARESYNC_TO: operation.to,
    SPARESYNC_SERVER: server,
    SPARESYNC_REQUESTED_BY: operation.requestedBy,
    SPARESYNC_REASON: operation.reason,
    SPARESYNC_RESULT: result,
  };
  const limit = { what: `the hooks of the ${server}`, limitSeconds: ownLimitSeconds(settings, when), signal };
  return withDeadline(ports.clock, limit, async (limited) => {
    const notes: string[] = [];
    for (const hook of hooks) {
      const { hasSucceeded, ending } = await ports.hooks.run(hook, variables, limited);
      ports.log[hasSucceeded ? "info" : "warn"]("hook-run", { operation: operation.id, hook: hook.name, when, ending });
      if (!hasSucceeded && when === "before" && !isForced(operation.kind)) {
        throw new AppError("STEP_FAILED", `the hook ${hook.name} says no: ${ending}`);
      }
      notes.push(`${hook.name} ${ending}`);
    }
    return notes.join("; ");
  });
}
