import { hookLimitSeconds, runHooks } from "../run-hooks.js";
import { defineStep } from "../step.js";

/** The administrator's own programs after an operation. It is done, whatever they say; what they say is kept. */
export const runAfterHooks = defineStep({
  name: "run-after-hooks",
  title: "Run the hooks after the operation, where there are any",
  limitSeconds: (settings) => hookLimitSeconds(settings, "after"),
  patienceSeconds: 60,
  do: (step) => runHooks(step, "after", "done"),
  verify: ({ context }) => Promise.resolve({ holds: true, note: context.situation.hookNote }),
  undo: { kind: "point-of-no-return", because: "this server owns the name" },
});
