import { commandPeer } from "../peer-command.js";
import { defineStep, holds } from "../step.js";

/** Stops the managed system on the server that is to take over, should anything of it still run there. */
export const checkTargetStopped = defineStep({
  name: "check-target-stopped",
  title: "Check that the application on the target is stopped, and stop it if not",
  limitSeconds: (settings) => settings.ownership.stopSeconds * 3,
  patienceSeconds: 30,
  do: async (step) => {
    await commandPeer(step, "stop-managed-system", step.context.settings.ownership.stopSeconds * 3);
  },
  verify: async (step) => {
    await commandPeer(step, "is-stopped", step.context.settings.ownership.stopSeconds);
    return holds;
  },
  undo: { kind: "nothing-to-undo" },
});
