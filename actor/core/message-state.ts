import { z } from "zod";
import { eventRecord, type EventRecord } from "../../shared/core/event-record.js";
import { messageCodes, type MessageCode } from "../../shared/core/message-catalogue.js";
import type { MessageTiming } from "../../shared/core/message-timing.js";
import type { ServerName } from "../../shared/core/server-name.js";
import type { HeldAlert } from "./held-alert.js";
import type { PresentCondition } from "./message-conditions.js";

const heldCondition = z.object({
  sinceMs: z.number(),
  because: z.string(),
  /** When people were told last; 0: not yet. */
  toldAtMs: z.number(),
  toldBy: z.enum(["nobody", "mail", "alertmanager"]),
  /** The thread of the mail that told it first; empty: no mail has. */
  thread: z.string().default(""),
});
export type HeldCondition = z.output<typeof heldCondition>;

/** What must be remembered of the messages over a restart. Times are of the wall clock. */
export const messageState = z.object({
  /** By `conditionKey`. */
  held: z.record(z.string(), heldCondition),
  /** Events that are waited for a moment longer. */
  waiting: z.array(eventRecord),
  /** The last event of the history that was looked at; null: none yet. */
  eventSequence: z.int().nullable(),
});
export type MessageState = z.output<typeof messageState>;

export const noMessages: MessageState = { held: {}, waiting: [], eventSequence: null };

/** A condition, of one folder, database or reason where its code is about one; else `item` is empty. */
export type ConditionName = Pick<PresentCondition, "code" | "item">;

/** A code and what it is about as one text; neither has a space in it. */
export function conditionKey({ code, item }: ConditionName): string {
  return item === "" ? code : `${code} ${item}`;
}

/** Undefined for a code that this version does not know. */
export function parseConditionKey(key: string): ConditionName | undefined {
  const [name, item = ""] = key.split(" ", 2);
  const code = messageCodes.find((one) => one === name);
  return code && { code, item };
}

export interface MessageFacts {
  readonly server: ServerName;
  readonly present: readonly PresentCondition[];
  /** Events of the history, oldest first; those that were looked at before are passed over. */
  readonly events: readonly EventRecord[];
  /** Not said now, and not called over either. */
  readonly muted: readonly MessageCode[];
  /** What Alertmanager has taken: it tells the people. */
  readonly alerts: readonly HeldAlert[];
  /** How much longer than the delay Alertmanager has to take it; 0: it is not waited for. */
  readonly graceSeconds: number;
  readonly timing: (code: MessageCode) => MessageTiming;
  readonly nowMs: number;
}

export interface DueMessage {
  readonly code: MessageCode;
  readonly kind: "raised" | "repeated" | "resolved" | "event";
  /** The folders, databases or reasons that it is about; empty where its code is about none. */
  readonly items: readonly string[];
  readonly sinceMs: number;
  readonly because: string;
  /** Mails about the same thing are one thread. */
  readonly thread: string;
  /** Whether it begins that thread. */
  readonly isFirst: boolean;
  /** Of an event: who did it, and with which result. */
  readonly event?: EventRecord;
}
