import { defineStep, holds } from "../step.js";

/** Sends everything that is left and waits until the target has applied all of it. */
export const drain = defineStep({
  name: "drain",
  title: "Transfer the last changes and wait until they are applied",
  limitSeconds: () => 3600,
  patienceSeconds: 300,
  do: async (step) => {
    for (const part of step.context.ports.parts) {
      await part.drain(step.signal, ({ done, total }) => {
        step.reportProgress(total === 0 ? 1 : done / total);
      });
    }
  },
  verify: ({ context }) => {
    const left = context.ports.parts.flatMap((part) => part.status()).filter((item) => item.pendingChanges > 0);
    if (left.length === 0) return Promise.resolve(holds);
    const names = left.map((item) => `${item.name} (${item.pendingChanges})`).join(", ");
    return Promise.resolve({ holds: false, because: `changes are left: ${names}` });
  },
  undo: { kind: "nothing-to-undo" },
});
