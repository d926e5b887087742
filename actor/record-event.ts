import { errorMessage } from "../shared/core/app-error.js";
import type { NewEvent } from "../shared/core/event-record.js";
import type { ActorContext } from "./actor-context.js";
import { withEvents } from "./core/kept-events.js";

/**
 * Keeps an event that no change of the kept facts tells. Durable when it resolves; never rejects, for what was seen or
 * done stands whether it can be told later or not.
 */
export async function recordEvent({ ports, store }: ActorContext, event: NewEvent): Promise<void> {
  await store
    .change((facts) => withEvents(facts, [event], ports.clock.wallMs()))
    .catch((error: unknown) => {
      ports.log.warn("event-not-kept", { name: event.name, because: errorMessage(error) });
    });
}
