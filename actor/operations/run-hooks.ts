import { AppError } from "../../shared/core/app-error.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import { isForced } from "../core/switchover-plan.js";
import type { StepContext } from "./step.js";

type When = "before" | "after";

/** How long all hooks of one moment may take together. */
export function hookLimitSeconds(settings: Settings, when: When): number {
  const hooks = settings.hooks.filter((hook) => hook.when === when);
  return 10 + hooks.reduce((sum, { limitSeconds }) => sum + limitSeconds, 0);
}

/**
 * Runs this server's hooks of the running operation, one after the other in the order of the settings. A hook before an
 * operation that does not succeed is a veto (STEP_FAILED), unless a person forces the takeover; one after it is noted.
 */
export async function runHooks(
  { context, operation, signal }: StepContext,
  when: When,
  result: "running" | "done" | "undone",
): Promise<void> {
  const { ports, settings, situation, server } = context;
  const hooks = settings.hooks.filter((hook) => hook.when === when && hook.operations.includes(operation.kind));
  const notes: string[] = [];
  situation.hookNote = "";
  for (const hook of hooks) {
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
    const { hasSucceeded, ending } = await ports.hooks.run(hook, variables, signal);
    ports.log[hasSucceeded ? "info" : "warn"]("hook-run", { operation: operation.id, hook: hook.name, when, ending });
    if (!hasSucceeded && when === "before" && !isForced(operation.kind)) {
      throw new AppError("STEP_FAILED", `the hook ${hook.name} says no: ${ending}`);
    }
    notes.push(`${hook.name} ${ending}`);
  }
  situation.hookNote = notes.join("; ");
}
