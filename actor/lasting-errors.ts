import type { ActorContext } from "./actor-context.js";

/**
 * A configuration error stops the very synchronisation that would find its cause again: one that ended at once would
 * come and go with each look.
 */
const staysAwaySeconds = 30;

/** Whether the cause of a kept configuration error was seen a moment ago. */
export function isConfigurationErrorLasting({ ports, situation }: ActorContext, reason: string): boolean {
  const foundAtMs = situation.configurationErrorFoundAtMs.get(reason);
  return foundAtMs === undefined || ports.clock.monotonicMs() - foundAtMs < staysAwaySeconds * 1000;
}
