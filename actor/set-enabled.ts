import { AppError } from "../shared/core/app-error.js";
import type { ActorContext } from "./actor-context.js";
import { keepPromise, sendHeartbeat } from "./watch/peer-watch.js";

/** Turns SpareSync on or off. Rejects with OPERATION_RUNNING while an operation runs; repeated, it does nothing. */
export async function setEnabled(
  context: ActorContext,
  isEnabled: boolean,
  requestedBy: string,
  reason: string,
): Promise<void> {
  const { store, ports } = context;
  if (store.facts.isEnabled === isEnabled) return;
  if (store.facts.operation)
    throw new AppError("OPERATION_RUNNING", "an operation is running; wait until it has ended");
  await store.change((facts) => ({
    ...facts,
    isEnabled,
    enabledBecause: `${requestedBy}: ${reason}`,
    enabledSequence: facts.enabledSequence + 1,
  }));
  ports.log.info(isEnabled ? "turned-on" : "turned-off", { requestedBy, reason });
  await keepPromise(context);
  await sendHeartbeat(context);
}
