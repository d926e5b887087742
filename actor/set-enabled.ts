import { AppError } from "../shared/core/app-error.js";
import type { ActorContext } from "./actor-context.js";
import { withEnabled } from "./core/with-enabled.js";
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
  const because = `${requestedBy}: ${reason}`;
  const nowMs = ports.clock.wallMs();
  await store.change((facts) => withEnabled(facts, { isEnabled, because, sequence: facts.enabledSequence + 1 }, nowMs));
  ports.log.info(isEnabled ? "turned-on" : "turned-off", { requestedBy, reason });
  await keepPromise(context);
  await sendHeartbeat(context);
}
