import { defineStep, holds } from "../step.js";

/** Starts the managed system on the new owner, through the choke point that reads the ownership record first. */
export const startManagedSystem = defineStep({
  name: "start-managed-system",
  title: "Start the managed system",
  limitSeconds: () => 120,
  patienceSeconds: 300,
  do: ({ context, signal }) => context.keeper.start(signal),
  verify: async ({ context, signal }) => {
    await context.keeper.look(signal);
    const { isWhole, servingBecause } = context.situation;
    return isWhole ? holds : { holds: false, because: `not all of the managed system runs: ${servingBecause}` };
  },
  undo: { kind: "point-of-no-return", because: "this server owns the name" },
});
