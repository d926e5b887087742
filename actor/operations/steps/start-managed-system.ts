import { errorMessage } from "../../../shared/core/app-error.js";
import { withDeadline } from "../../../shared/deadline.js";
import type { ActorContext } from "../../actor-context.js";
import { defineStep, holds } from "../step.js";

/** Starts the managed system on the new owner, through the choke point that reads the ownership record first. */
export const startManagedSystem = defineStep({
  name: "start-managed-system",
  title: "Start the managed system",
  limitSeconds: () => 120,
  patienceSeconds: 300,
  do: async ({ context, signal }) => {
    await endDrill(context, signal);
    await context.keeper.start(signal);
  },
  verify: async ({ context, signal }) => {
    await context.keeper.look(signal);
    const { isWhole, servingBecause } = context.situation;
    return isWhole ? holds : { holds: false, because: `not all of the managed system runs: ${servingBecause}` };
  },
  undo: { kind: "point-of-no-return", because: "this server owns the name" },
});

/** It gave way when the operation began; what it had started may hold a port or a file that is needed now. */
async function endDrill({ drill, ports }: ActorContext, signal: AbortSignal): Promise<void> {
  const limit = { what: "ending a drill", limitSeconds: 20, signal };
  await withDeadline(ports.clock, limit, () => drill.end("an operation began")).catch((error: unknown) => {
    if (signal.aborted) throw error;
    ports.log.warn("drill-not-ended", { because: errorMessage(error) });
  });
}
