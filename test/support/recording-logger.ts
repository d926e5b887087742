import type { LoggerPort } from "../../shared/core/logger-port.js";

/** A logger that remembers the event names only. */
export function createRecordingLogger(): LoggerPort & { readonly events: string[] } {
  const events: string[] = [];
  const record = (event: string): void => {
    events.push(event);
  };
  return { events, debug: record, info: record, warn: record, error: record };
}
