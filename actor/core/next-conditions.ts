import type { MessageTiming } from "../../shared/core/message-timing.js";
import { isConditionTaken } from "./held-alert.js";
import type { PresentCondition } from "./message-conditions.js";
import {
  conditionKey,
  parseConditionKey,
  type ConditionName,
  type DueMessage,
  type HeldCondition,
  type MessageFacts,
  type MessageState,
} from "./message-state.js";

interface DueCondition extends ConditionName {
  readonly kind: "raised" | "repeated" | "resolved";
  readonly held: HeldCondition;
  readonly isFirst: boolean;
}

/** What is to be said of conditions now, what has ended first, and what to remember of them. */
export function nextConditions(
  before: MessageState["held"],
  facts: MessageFacts,
): { readonly held: MessageState["held"]; readonly messages: readonly DueMessage[] } {
  const next = facts.present.map((condition) => nextCondition(before[conditionKey(condition)], condition, facts));
  return {
    held: Object.fromEntries(next.map(({ key, held }) => [key, held])),
    messages: joinMessages([...findEnded(before, facts), ...next.flatMap(({ due }) => (due ? [due] : []))]),
  };
}

/** When a held condition is to be told, for the first time or again. */
export function nextAtMs(
  { sinceMs, toldAtMs }: HeldCondition,
  { delaySeconds, repeatSeconds = Infinity }: MessageTiming,
): number {
  return toldAtMs === 0 ? sinceMs + delaySeconds * 1000 : toldAtMs + repeatSeconds * 1000;
}

/** Alertmanager calls over what it took. */
function findEnded(before: MessageState["held"], { present, nowMs }: MessageFacts): readonly DueCondition[] {
  const lasting = new Set(present.map(conditionKey));
  return Object.entries(before).flatMap(([key, held]) => {
    const name = parseConditionKey(key);
    const isOver = name !== undefined && !lasting.has(key) && held.toldBy === "mail";
    return isOver ? [placeInThread({ ...name, kind: "resolved", held }, nowMs)] : [];
  });
}

function nextCondition(
  former: HeldCondition | undefined,
  { code, item, because }: PresentCondition,
  facts: MessageFacts,
): { readonly key: string; readonly held: HeldCondition; readonly due?: DueCondition } {
  const key = conditionKey({ code, item });
  const present: HeldCondition = former
    ? { ...former, because }
    : { sinceMs: facts.nowMs, because, toldAtMs: 0, toldBy: "nobody", thread: "" };
  const teller = facts.muted.includes(code) ? undefined : findTeller({ code, item }, present, facts);
  if (!teller) return { key, held: present };
  const told: HeldCondition = { ...present, toldAtMs: facts.nowMs, toldBy: teller };
  if (teller === "alertmanager") return { key, held: told };
  const kind = present.toldAtMs === 0 ? "raised" : "repeated";
  const due = placeInThread({ code, item, kind, held: told }, facts.nowMs);
  return { key, held: due.held, due };
}

/**
 * What no mail has told yet begins a thread. What Alertmanager told first is no part of the thread that another item of the
 * code and the same moment may have.
 */
function placeInThread(due: Omit<DueCondition, "isFirst">, nowMs: number): DueCondition {
  const { code, kind, held } = due;
  if (held.thread !== "") return { ...due, isFirst: false };
  const since = `${code}.${Math.round(held.sinceMs)}`;
  const thread = kind === "raised" ? since : `${since}.${kind}.${Math.round(nowMs)}`;
  return { ...due, held: { ...held, thread }, isFirst: true };
}

/** Who has to tell it now; undefined: it is not time yet, or Alertmanager may still take it. */
function findTeller(
  name: ConditionName,
  held: HeldCondition,
  facts: MessageFacts,
): "mail" | "alertmanager" | undefined {
  const dueMs = nextAtMs(held, facts.timing(name.code));
  if (facts.nowMs < dueMs) return undefined;
  if (isConditionTaken(facts.alerts, name, facts.server)) return "alertmanager";
  return facts.nowMs >= dueMs + facts.graceSeconds * 1000 ? "mail" : undefined;
}

/** What is due in the same moment, of one code and in one thread, is one message: a full disk may stop all folders. */
function joinMessages(due: readonly DueCondition[]): readonly DueMessage[] {
  const groups = new Map<string, DueCondition[]>();
  for (const one of due) {
    const group = `${one.kind} ${one.held.thread}`;
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  return [...groups.values()].flatMap(joinGroup);
}

function joinGroup(group: readonly DueCondition[]): readonly DueMessage[] {
  const [first] = group;
  if (!first) return [];
  const { code, kind, isFirst, held } = first;
  const items = group.map(({ item }) => item).filter((item) => item !== "");
  const sinceMs = Math.min(...group.map((one) => one.held.sinceMs));
  const because = group.map(describe).join("; ");
  return [{ code, kind, items, sinceMs, because, thread: held.thread, isFirst }];
}

function describe({ item, held: { because } }: DueCondition): string {
  return [item, because].filter((part) => part !== "").join(": ");
}
