import { z } from "zod";
import { eventCatalogue, eventKinds, eventNames, type EventKind, type EventName } from "./event-catalogue.js";
import { redactText } from "./redaction.js";
import { serverName, type ServerName } from "./server-name.js";

/** One line of the history: who, what, why and with which result. Never a secret. */
export const eventRecord = z.object({
  /** Grows by one with each event of a server, over restarts. */
  sequence: z.int().min(1),
  atMs: z.number(),
  server: serverName,
  /** A name of the event catalogue; one of another version is shown all the same. */
  name: z.string(),
  /** The name of a token, `watch`, `alertmanager`, `peer`, `actor`. */
  who: z.string(),
  why: z.string(),
  /** Of an operation its end; else empty. */
  result: z.string(),
  /** What it was about: an operation's id, a reason of a configuration error. */
  subject: z.string(),
});
export type EventRecord = z.output<typeof eventRecord>;

/** An event before it has its place in the history. */
export interface NewEvent {
  readonly name: EventName;
  readonly who: string;
  readonly why: string;
  readonly result?: string;
  readonly subject?: string;
}

/** What a person asked for that no change of the kept facts tells: an event `OperatorActed`. */
export interface OperatorAct extends Pick<NewEvent, "who" | "why" | "subject"> {
  readonly result: string;
}

/** Sentences of other programs go into `why`; beyond this they are cut. */
const longestText = 2000;

export function createEventRecord(
  event: NewEvent,
  place: { sequence: number; atMs: number; server: ServerName },
): EventRecord {
  const text = (value: string): string => redactText(value).slice(0, longestText);
  return {
    ...place,
    name: event.name,
    who: text(event.who),
    why: text(event.why),
    result: text(event.result ?? ""),
    subject: text(event.subject ?? ""),
  };
}

/** What a reader of the history asks for. */
export interface EventFilter {
  /** Nothing older than this; 0: everything. */
  readonly sinceMs: number;
  /** Names or kinds of the catalogue; empty: all. */
  readonly kinds: readonly string[];
  readonly limit: number;
}

/** What `--kind` and `kind=` may say. */
export const eventSelectors: readonly string[] = [...eventKinds, ...eventNames];

export function matchesEvent(record: EventRecord, { sinceMs, kinds }: EventFilter): boolean {
  if (record.atMs < sinceMs) return false;
  return kinds.length === 0 || kinds.includes(record.name) || kinds.includes(kindOfEvent(record.name) ?? "");
}

/** Undefined for an event of another version. */
export function kindOfEvent(name: string): EventKind | undefined {
  return isEventName(name) ? eventCatalogue[name].kind : undefined;
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(eventCatalogue, name);
}
