import { hookLimitSeconds, runHooks } from "../run-hooks.js";
import { defineStep } from "../step.js";

/** The administrator's own programs before an operation; one that does not exit with 0 keeps it from being done. */
export const runBeforeHooks = defineStep({
  name: "run-before-hooks",
  title: "Run the hooks before the operation, where there are any",
  limitSeconds: (settings) => hookLimitSeconds(settings, "before"),
  // A veto is an answer: asking again would be to overhear it.
  patienceSeconds: 0,
  do: (step) => runHooks(step, "before", "running"),
  verify: ({ context }) => Promise.resolve({ holds: true, note: context.situation.hookNote }),
  // What a hook has prepared is taken back by those after an operation: they hear that it was undone.
  undo: { kind: "run", run: (step) => runHooks(step, "after", "undone") },
});
