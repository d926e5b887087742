import { z } from "zod";
import { eventCodes, messageCodes, type MessageCode } from "../../shared/core/message-catalogue.js";
import { eventRecord, type EventRecord } from "../../shared/core/event-record.js";
import type { MessageTiming } from "../../shared/core/message-timing.js";
import type { PresentCondition } from "./message-conditions.js";

const code = z.enum(messageCodes);

const heldCondition = z.object({
  sinceMs: z.number(),
  because: z.string(),
  /** When people were told last; 0: not yet. */
  toldAtMs: z.number(),
  toldBy: z.enum(["nobody", "mail", "alertmanager"]),
});
type HeldCondition = z.output<typeof heldCondition>;

/** What must be remembered of the messages over a restart. Times are of the wall clock. */
export const messageState = z.object({
  held: z.partialRecord(code, heldCondition),
  /** Events that are waited for a moment longer. */
  waiting: z.array(eventRecord),
  /** The last event of the history that was looked at; null: none yet. */
  eventSequence: z.int().nullable(),
});
export type MessageState = z.output<typeof messageState>;

export const noMessages: MessageState = { held: {}, waiting: [], eventSequence: null };

export interface MessageFacts {
  readonly present: readonly PresentCondition[];
  /** Events of the history, oldest first; those that were looked at before are passed over. */
  readonly events: readonly EventRecord[];
  /** Not said now, and not called over either. */
  readonly muted: readonly MessageCode[];
  /** What Alertmanager has taken: it tells the people. */
  readonly accepted: ReadonlySet<MessageCode>;
  /** How much longer than the delay Alertmanager has to take it; 0: it is not waited for. */
  readonly graceSeconds: number;
  readonly timing: (code: MessageCode) => MessageTiming;
  readonly nowMs: number;
}

export interface DueMessage {
  readonly code: MessageCode;
  readonly kind: "raised" | "repeated" | "resolved" | "event";
  readonly sinceMs: number;
  readonly because: string;
  /** Of an event: who did it, and with which result. */
  readonly event?: EventRecord;
}

interface Step {
  readonly state: MessageState;
  readonly messages: readonly DueMessage[];
}

/**
 * What is to be said now, and what to remember of it. A condition must hold for its delay before it is said; what was
 * said is repeated at its frequency and, when it has ended, called over. What Alertmanager took is Alertmanager's to
 * repeat and to call over.
 */
export function nextMessages(state: MessageState, facts: MessageFacts): Step {
  const conditions = nextConditions(state.held, facts);
  const events = nextEvents(state, facts);
  return {
    state: { held: conditions.held, waiting: [...events.waiting], eventSequence: events.eventSequence },
    messages: [...conditions.messages, ...events.messages],
  };
}

/** Whether it is worth asking Alertmanager now: something has held for its delay and was told by nobody yet. */
export function isAlertmanagerAwaited(
  state: MessageState,
  { timing, nowMs }: Pick<MessageFacts, "timing" | "nowMs">,
): boolean {
  const isDue = (one: MessageCode, sinceMs: number): boolean => nowMs >= sinceMs + timing(one).delaySeconds * 1000;
  return (
    messageCodes.some((one) => {
      const held = state.held[one];
      return held !== undefined && isDue(one, held.sinceMs) && nowMs >= nextAtMs(held, timing(one));
    }) || state.waiting.some(({ name, atMs }) => isDue(name as MessageCode, atMs))
  );
}

function nextConditions(
  before: MessageState["held"],
  facts: MessageFacts,
): { held: MessageState["held"]; messages: DueMessage[] } {
  const held: MessageState["held"] = {};
  const messages: DueMessage[] = [];
  for (const one of messageCodes) {
    const former = before[one];
    const now = facts.present.find((condition) => condition.code === one);
    if (!now) {
      if (former?.toldBy === "mail")
        messages.push({ code: one, kind: "resolved", sinceMs: former.sinceMs, because: former.because });
      continue;
    }
    const present: HeldCondition = former
      ? { ...former, because: now.because }
      : { sinceMs: facts.nowMs, because: now.because, toldAtMs: 0, toldBy: "nobody" };
    const teller = facts.muted.includes(one) ? undefined : findTeller(one, present, facts);
    held[one] = teller ? { ...present, toldAtMs: facts.nowMs, toldBy: teller } : present;
    if (teller === "mail") {
      const kind = present.toldAtMs === 0 ? "raised" : "repeated";
      messages.push({ code: one, kind, sinceMs: present.sinceMs, because: now.because });
    }
  }
  return { held, messages };
}

/** Who has to tell it now; undefined: it is not time yet, or Alertmanager may still take it. */
function findTeller(one: MessageCode, held: HeldCondition, facts: MessageFacts): "mail" | "alertmanager" | undefined {
  const dueMs = nextAtMs(held, facts.timing(one));
  if (facts.nowMs < dueMs) return undefined;
  if (facts.accepted.has(one)) return "alertmanager";
  return facts.nowMs >= dueMs + facts.graceSeconds * 1000 ? "mail" : undefined;
}

function nextAtMs(
  { sinceMs, toldAtMs }: HeldCondition,
  { delaySeconds, repeatSeconds = Infinity }: MessageTiming,
): number {
  return toldAtMs === 0 ? sinceMs + delaySeconds * 1000 : toldAtMs + repeatSeconds * 1000;
}

function nextEvents(
  state: MessageState,
  facts: MessageFacts,
): Pick<MessageState, "waiting" | "eventSequence"> & { messages: DueMessage[] } {
  const { eventSequence } = state;
  // The very first look: what happened before there were messages is not told any more.
  const fresh = eventSequence === null ? [] : facts.events.filter(({ sequence }) => sequence > eventSequence);
  const pending = [...state.waiting, ...fresh.filter(({ name }) => isEventCode(name))];
  const waiting: EventRecord[] = [];
  const messages: DueMessage[] = [];
  for (const event of pending) {
    const one = event.name as MessageCode;
    const dueMs = event.atMs + facts.timing(one).delaySeconds * 1000;
    const isTaken = facts.accepted.has(one) && facts.nowMs >= dueMs;
    if (isTaken) continue;
    if (facts.nowMs < dueMs + facts.graceSeconds * 1000) waiting.push(event);
    else messages.push({ code: one, kind: "event", sinceMs: event.atMs, because: event.why, event });
  }
  return { waiting, messages, eventSequence: facts.events.at(-1)?.sequence ?? eventSequence ?? 0 };
}

function isEventCode(name: string): boolean {
  return eventCodes.some((one) => one === name);
}
