import type { JsonObject } from "./json.js";

/**
 * JSON lines for machines and people. `event` is stable and in kebab-case; log a change, not a condition; `error`
 * means that a person must look. Fields never hold a secret.
 */
export interface LoggerPort {
  debug(event: string, fields?: JsonObject): void;
  info(event: string, fields?: JsonObject): void;
  warn(event: string, fields?: JsonObject): void;
  error(event: string, fields?: JsonObject): void;
}
