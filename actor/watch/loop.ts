import { errorCode, errorMessage } from "../../shared/core/app-error.js";
import { count, type ActorContext } from "../actor-context.js";

/**
 * Runs `tick` again and again with a pause until the actor stops. A tick that throws is logged once per change of its
 * message and counted; the loop goes on, so that one bad answer never ends watching.
 */
export async function runLoop(
  context: ActorContext,
  name: string,
  pauseSeconds: () => number,
  tick: () => Promise<void>,
): Promise<void> {
  const { ports, signal } = context;
  let lastFailure = "";
  while (!signal.aborted) {
    try {
      await tick();
      lastFailure = "";
    } catch (error) {
      if (isAborted(signal)) return;
      const message = errorMessage(error);
      count(context, `loop_failures.${name}`);
      if (message !== lastFailure) {
        const fields = { loop: name, code: errorCode(error) ?? "bug", message };
        if (errorCode(error) === undefined) ports.log.error("loop-failed", fields);
        else ports.log.warn("loop-failed", fields);
      }
      lastFailure = message;
    }
    try {
      await ports.clock.sleep(pauseSeconds() * 1000, signal);
    } catch {
      return;
    }
  }
}

/** The signal can abort while a tick waits; asking through a function keeps the compiler from assuming otherwise. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
