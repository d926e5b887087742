import { defineStep, holds } from "../step.js";

/** Refuses every writer of the source, so that what `drain` reads afterwards is the last word (docs/ownership.md 10). */
export const closeSourceDatabase = defineStep({
  name: "close-source-database",
  title: "Close the database of the active server to writers",
  limitSeconds: () => 60,
  patienceSeconds: 60,
  do: async ({ context, signal }) => {
    for (const part of context.ports.parts) await part.closeSource(signal);
  },
  verify: async ({ context, signal }) => {
    for (const part of context.ports.parts) {
      if (!(await part.isSourceClosed(signal)))
        return { holds: false, because: `${part.name}: writers are not refused` };
    }
    return holds;
  },
  undo: {
    kind: "run",
    run: async ({ context, signal }) => {
      for (const part of context.ports.parts) await part.openSource(signal);
    },
  },
});
