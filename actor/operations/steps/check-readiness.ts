import { AppError } from "../../../shared/core/app-error.js";
import { commandPeer } from "../peer-command.js";
import { checkSource, obstaclesOf } from "../pre-checks.js";
import { defineStep, holds } from "../step.js";

/** Makes sure that a switchover can succeed before anything is stopped. It changes nothing. */
export const checkReadiness = defineStep({
  name: "check-readiness",
  title: "Check that both servers are ready for the switchover",
  limitSeconds: () => 30,
  patienceSeconds: 15,
  do: async (step) => {
    const obstacles = obstaclesOf(await checkSource(step.context, step.signal));
    if (obstacles.length > 0) throw new AppError("STEP_FAILED", obstacles.join("; "));
    await commandPeer(step, "is-ready", 20);
  },
  verify: () => Promise.resolve(holds),
  undo: { kind: "nothing-to-undo" },
});
