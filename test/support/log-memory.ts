import type { JsonObject } from "../../shared/core/json.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly event: string;
  readonly fields: JsonObject;
}

export interface LogMemory extends LoggerPort {
  readonly lines: LogLine[];
  /** The names only, for tests that ask no more. */
  readonly events: readonly string[];
}

/** A logger that keeps its lines for the test. */
export function rememberLog(): LogMemory {
  const lines: LogLine[] = [];
  const write =
    (level: LogLine["level"]) =>
    (event: string, fields: JsonObject = {}) => {
      lines.push({ level, event, fields });
    };
  return {
    lines,
    get events() {
      return lines.map(({ event }) => event);
    },
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}
