import { defineStep, holds } from "../step.js";

/** Stops the managed system on the server that gives up serving. Running it twice does no harm. */
export const stopManagedSystem = defineStep({
  name: "stop-managed-system",
  title: "Stop the managed system on the active server",
  limitSeconds: (settings) => settings.ownership.stopSeconds * 3,
  patienceSeconds: 30,
  do: ({ context, operation, signal }) => context.keeper.stop(`operation ${operation.id}`, signal),
  // Only what can be observed counts: the process may have ignored the stop.
  verify: async ({ context, signal }) =>
    (await context.keeper.look(signal))
      ? { holds: false, because: `the managed system still serves: ${context.situation.servingBecause}` }
      : holds,
  undo: { kind: "run", run: ({ context, signal }) => context.keeper.start(signal) },
});
