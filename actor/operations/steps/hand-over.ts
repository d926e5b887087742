import { AppError } from "../../../shared/core/app-error.js";
import type { JsonObject } from "../../../shared/core/json.js";
import { defineStep, holds } from "../step.js";
import { askOperationStatus } from "../operation-messages.js";

/**
 * Tells the target to claim. From here on only the target can say whether it has claimed: undoing means that it first
 * acknowledges that it has cancelled, or that this server claims anew (docs/ownership.md 8).
 */
export const handOver = defineStep({
  name: "hand-over",
  title: "Hand over to the target, which claims the name",
  limitSeconds: () => 10,
  patienceSeconds: 30,
  do: async ({ context, operation, signal }) => {
    // The hand-over says "stopped", and the target waits for nothing more: only what is seen now may be said.
    if (await context.keeper.look(signal)) {
      throw new AppError("STEP_FAILED", `the managed system serves again: ${context.situation.servingBecause}`);
    }
    const fields = JSON.parse(JSON.stringify({ operation })) as JsonObject;
    await context.ports.link.ask("operations/hand-over", { fields }, { limitSeconds: 8, signal });
  },
  verify: async ({ context, operation, signal }) => {
    const known = await askOperationStatus(context, operation.id, signal);
    if (known.kind === "cancelled") {
      throw new AppError("OWNERSHIP_LOST", "the target has cancelled the operation");
    }
    return known.kind === "known" ? holds : { holds: false, because: "the target does not know the operation" };
  },
  undo: { kind: "nothing-to-undo" },
});
