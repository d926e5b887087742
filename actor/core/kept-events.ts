import { createEventRecord, type NewEvent } from "../../shared/core/event-record.js";
import type { KeptFacts } from "./kept-facts.js";

/** How many events wait in the kept facts for the history's file; far more than happen while it cannot be written. */
export const keptEventsLimit = 50;

/** The facts with events added: in one document with the change they are about, so that a kill cannot part them. */
export function withEvents(facts: KeptFacts, events: readonly NewEvent[], atMs: number): KeptFacts {
  if (events.length === 0) return facts;
  const { server } = facts;
  const records = events.map((event, index) =>
    createEventRecord(event, { sequence: facts.eventSequence + 1 + index, atMs, server }),
  );
  return {
    ...facts,
    eventSequence: facts.eventSequence + records.length,
    events: [...facts.events, ...records].slice(-keptEventsLimit),
    eventTimesMs: { ...facts.eventTimesMs, ...Object.fromEntries(records.map(({ name }) => [name, atMs])) },
  };
}

/** A history that goes further than the facts: they were lost or restored, and its numbers must go on growing. */
export function withHistoryUpTo(facts: KeptFacts, sequence: number): KeptFacts {
  return facts.eventSequence >= sequence ? facts : { ...facts, eventSequence: sequence, events: [] };
}
