import { defineStep, holds } from "../step.js";

/** Brings the target up to date while the application still serves, so that the break is only as long as the rest takes. */
export const synchroniseAhead = defineStep({
  name: "synchronise-ahead",
  title: "Synchronise files and databases while the application still runs",
  limitSeconds: () => 86_400,
  patienceSeconds: 300,
  do: async (step) => {
    for (const part of step.context.ports.parts) {
      await part.synchronise(step.signal, ({ done, total }) => {
        step.reportProgress(total === 0 ? 1 : done / total);
      });
    }
  },
  // What changed meanwhile is the work of `drain`; nothing can be claimed here that would still hold a moment later.
  verify: () => Promise.resolve(holds),
  undo: { kind: "nothing-to-undo" },
});
