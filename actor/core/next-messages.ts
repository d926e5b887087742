import { eventCodes, type MessageCode } from "../../shared/core/message-catalogue.js";
import type { EventRecord } from "../../shared/core/event-record.js";
import { isEventTaken } from "./held-alert.js";
import { parseConditionKey, type DueMessage, type MessageFacts, type MessageState } from "./message-state.js";
import { nextAtMs, nextConditions } from "./next-conditions.js";

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
    Object.entries(state.held).some(([key, held]) => {
      const name = parseConditionKey(key);
      return name !== undefined && isDue(name.code, held.sinceMs) && nowMs >= nextAtMs(held, timing(name.code));
    }) || state.waiting.some(({ name, atMs }) => isDue(name as MessageCode, atMs))
  );
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
    const dueMs = event.atMs + facts.timing(event.name as MessageCode).delaySeconds * 1000;
    if (facts.nowMs >= dueMs && isEventTaken(facts.alerts, event)) continue;
    if (facts.nowMs < dueMs + facts.graceSeconds * 1000) waiting.push(event);
    else messages.push(describeEvent(event));
  }
  return { waiting, messages, eventSequence: facts.events.at(-1)?.sequence ?? eventSequence ?? 0 };
}

function describeEvent(event: EventRecord): DueMessage {
  const { name, atMs, why } = event;
  const thread = `${name}.${Math.round(atMs)}`;
  const code = name as MessageCode;
  return { code, kind: "event", items: [], sinceMs: atMs, because: why, thread, isFirst: true, event };
}

function isEventCode(name: string): boolean {
  return eventCodes.some((one) => one === name);
}
