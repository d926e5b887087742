import type { MessageCode } from "../../shared/core/message-catalogue.js";
import { messageItems } from "../../shared/core/message-catalogue.js";
import type { EventRecord } from "../../shared/core/event-record.js";
import type { ServerName } from "../../shared/core/server-name.js";

/** An alert of this pair that an Alertmanager holds now. */
export interface HeldAlert {
  readonly code: MessageCode;
  readonly labels: Readonly<Record<string, string>>;
  /** Of Prometheus' clock; 0: not known. */
  readonly startsAtMs: number;
}

/** Whether one of these alerts tells of this condition: of this server, and of this folder, database or reason. */
export function isConditionTaken(
  alerts: readonly HeldAlert[],
  { code, item }: { readonly code: MessageCode; readonly item: string },
  server: ServerName,
): boolean {
  const itemLabel = messageItems[code];
  return alerts.some(
    ({ code: one, labels }) =>
      one === code &&
      // An alert about the whole pair has no side.
      (labels["side"] ?? server) === server &&
      (itemLabel === undefined || (labels[itemLabel] ?? item) === item),
  );
}

/**
 * Whether one of these alerts tells of this event. An event's alert lasts for minutes, so one that began before it is
 * about an earlier event of its kind. A wrong clock of Prometheus at worst tells it twice.
 */
export function isEventTaken(alerts: readonly HeldAlert[], { name, atMs }: EventRecord): boolean {
  return alerts.some(({ code, startsAtMs }) => code === name && startsAtMs >= atMs);
}
