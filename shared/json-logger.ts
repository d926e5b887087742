import { redact } from "./core/redaction.js";
import type { JsonObject } from "./core/json.js";
import type { LoggerPort } from "./core/logger-port.js";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface JsonLoggerOptions {
  readonly stream: NodeJS.WritableStream;
  readonly level?: LogLevel;
  readonly wallMs: () => number;
  /** Fields of every line, such as program, pair and server. */
  readonly fields?: JsonObject;
}

/** One JSON object per line: time, level, event, fields. Secrets are replaced by their names (core/redaction). */
export function createJsonLogger(options: JsonLoggerOptions): LoggerPort {
  const lowest = logLevels.indexOf(options.level ?? "info");
  // A reader that goes away (a closed pipe) must not end the process that keeps the application available.
  options.stream.on("error", () => undefined);
  const log =
    (level: LogLevel) =>
    (event: string, fields: JsonObject = {}): void => {
      if (logLevels.indexOf(level) < lowest) return;
      const own = { time: new Date(options.wallMs()).toISOString(), level, event };
      // Named twice: first so that they stand in front, last so that no field passes itself off as one of them.
      const line = Object.assign({}, own, redact({ ...options.fields, ...fields }), own);
      options.stream.write(`${JSON.stringify(line)}\n`);
    };
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}
