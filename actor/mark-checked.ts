import { errorMessage } from "../shared/core/app-error.js";
import { withEvents } from "./core/kept-events.js";
import type { KeptFacts } from "./core/kept-facts.js";
import { isPeerConnected, type ActorContext } from "./actor-context.js";

const tellLimitSeconds = 5;

/**
 * A person has looked at the pair. Said to the peer as well when it is connected: an error of synchronisation is known
 * on both servers, and what only one of them forgets comes back from the other.
 */
export async function markChecked(context: ActorContext, requestedBy: string): Promise<void> {
  await takeMarkChecked(context, requestedBy);
  if (!isPeerConnected(context)) return;
  const { ports, signal } = context;
  try {
    await ports.link.ask("pair/mark-checked", { fields: { requestedBy } }, { limitSeconds: tellLimitSeconds, signal });
  } catch (error) {
    ports.log.warn("mark-checked-not-told", { because: errorMessage(error) });
  }
}

/** Forgets what was only remembered; what is still wrong is found again by the next look. */
export async function takeMarkChecked(context: ActorContext, requestedBy: string): Promise<void> {
  const { ports, situation, store } = context;
  situation.peerRefusal = "";
  situation.peerClockOffsetSeconds = 0;
  for (const part of ports.parts) await part.lookAgain?.();
  await store.change((facts) => {
    const lastAutomaticFailover = facts.lastAutomaticFailover && {
      ...facts.lastAutomaticFailover,
      isAcknowledged: true,
    };
    const event = { name: "MarkedChecked", who: requestedBy, why: describeErrors(facts) } as const;
    const lastTurnedOff = facts.lastTurnedOff && { ...facts.lastTurnedOff, isChecked: true };
    const next = { ...facts, configurationErrors: [], lastAutomaticFailover, lastTurnedOff };
    return withEvents(next, [event], ports.clock.wallMs());
  });
  ports.log.info("marked-checked", { requestedBy });
}

function describeErrors({ configurationErrors }: KeptFacts): string {
  return configurationErrors.map(({ reason, because }) => `${reason}: ${because}`).join("; ");
}
