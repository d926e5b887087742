import type { EventLogPort } from "../../actor/event-log.js";
import { matchesEvent, type EventRecord } from "../../shared/core/event-record.js";

/** A history in memory. */
export function rememberEvents(happened: EventRecord[]): EventLogPort {
  return {
    append: (records) => Promise.resolve(void happened.push(...records)),
    list: (filter) =>
      Promise.resolve({
        events: happened
          .toReversed()
          .filter((event) => matchesEvent(event, filter))
          .slice(0, filter.limit),
        unreadableLines: 0,
      }),
    lastSequence: () => Promise.resolve(happened.at(-1)?.sequence ?? 0),
  };
}
