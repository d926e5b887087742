import { hookLimitSeconds, runHooks, verifyHooks } from "../run-hooks.js";
import { defineStep } from "../step.js";

/** The administrator's own programs before an operation, in a planned one on both servers; one that does not exit with 0 keeps it from being done. */
export const runBeforeHooks = defineStep({
  name: "run-before-hooks",
  title: "Run the hooks before the operation, where there are any",
  limitSeconds: (settings, kind) => hookLimitSeconds(settings, "before", kind),
  // A veto is an answer: asking again would be to overhear it.
  patienceSeconds: 0,
  do: (step) => runHooks(step, "before", "running"),
  verify: (step) => Promise.resolve(verifyHooks(step, "before")),
  // What a hook has prepared is taken back by those after an operation: they hear that it was undone.
  undo: { kind: "run", run: (step) => runHooks(step, "after", "undone") },
});
