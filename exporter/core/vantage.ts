import type { Vantage } from "../../shared/core/metrics/exporter-metrics.js";
import type { ServerName } from "../../shared/core/server-name.js";

/** Undefined: it is not known which server is active. */
export type KnownVantage = Vantage | undefined;

/**
 * From where this exporter looks, after asking its actor. Without an answer a standby stays one, because only its own
 * actor can make a server active; an active server may have been replaced meanwhile, so nothing is claimed.
 */
export function nextVantage(
  previous: KnownVantage,
  server: ServerName,
  answer: { readonly active?: ServerName | undefined } | undefined,
): KnownVantage {
  if (answer === undefined) return previous === "standby" ? "standby" : undefined;
  if (answer.active === undefined) return undefined;
  return answer.active === server ? "active" : "standby";
}
