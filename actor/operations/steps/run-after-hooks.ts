import { hookLimitSeconds, runHooks, verifyHooks } from "../run-hooks.js";
import { defineStep } from "../step.js";

/** The administrator's own programs after an operation, in a planned one on both servers. It is done, whatever they say; what they say is kept. */
export const runAfterHooks = defineStep({
  name: "run-after-hooks",
  title: "Run the hooks after the operation, where there are any",
  limitSeconds: (settings, kind) => hookLimitSeconds(settings, "after", kind),
  patienceSeconds: 60,
  do: (step) => runHooks(step, "after", "done"),
  verify: (step) => Promise.resolve(verifyHooks(step, "after")),
  undo: { kind: "point-of-no-return", because: "this server owns the name" },
});
