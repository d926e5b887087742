import type { ActorContext } from "../actor-context.js";
import { setEnabled } from "../set-enabled.js";
import { runLoop } from "./loop.js";

/** Turns SpareSync off when a part says that a person must decide before it goes on; only the active server does. */
export function runTurnOffWatch(context: ActorContext): Promise<void> {
  // Kept while an operation runs: nothing is turned off in the middle of one.
  let because: string | undefined;
  return runLoop(
    context,
    "turn-off",
    () => 0.5,
    async () => {
      for (const part of context.ports.parts) because ??= part.takeTurnOff?.();
      if (because === undefined) return;
      const { record, server, operation } = context.store.facts;
      if (operation) return;
      if (record?.active === server) await setEnabled(context, false, "sparesync", because);
      because = undefined;
    },
  );
}
