import type { EventRecord } from "../shared/core/event-record.js";
import { formatTable, formatTime } from "./text-table.js";

/** The history, one line an event, newest first. */
export function formatHistory(page: {
  readonly events: readonly EventRecord[];
  readonly unreadableLines: number;
}): string {
  const { events, unreadableLines } = page;
  const rows = events.map(({ atMs, name, who, result, why }) => [formatTime(atMs), name, who, result, why]);
  const table = formatTable([["at", "event", "who", "result", "why"], ...rows]);
  const torn = unreadableLines === 0 ? "" : `\n${unreadableLines} lines cannot be read and were passed over`;
  return (events.length === 0 ? "nothing of that kind has happened" : table) + torn;
}
