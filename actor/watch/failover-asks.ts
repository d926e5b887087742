import { ageSeconds, type ActorContext } from "../actor-context.js";
import type { Ask } from "../core/kept-facts.js";

/** Since the outage began or, if that is later, since what excused it ended; 0 while available. */
export function unavailableSeconds(context: ActorContext): number {
  const { unavailableSinceMs, excusedAtMs = -Infinity } = context.situation;
  if (unavailableSinceMs === undefined) return 0;
  return ageSeconds(context, Math.max(unavailableSinceMs, excusedAtMs));
}

/** Asks whose time is over or whose reason is gone leave; the watch's own ask comes when the time allowed is over. */
export async function keepAsks(context: ActorContext): Promise<void> {
  const { ports, settings, situation, store } = context;
  const nowMs = ports.clock.wallMs();
  const isLong = unavailableSeconds(context) >= settings.failover.allowedUnavailabilitySeconds;
  const isWatchAsking =
    situation.unavailableSinceMs !== undefined && isLong && settings.failover.askedBy !== "alertmanager";
  // An ask waits for the end of maintenance, however long that is: Alertmanager would repeat it after a day only.
  const isWaiting = situation.maintenance !== "";
  const isKept = (ask: Ask): boolean =>
    (isWaiting || ask.expiresAtMs > nowMs) &&
    (ask.askedBy === "operator" || ask.askedAtMs >= situation.lastAvailableWallMs);
  // On the facts as they are when it is their turn: an alert may be taken at the same moment.
  await store.change((facts) => {
    const kept = facts.asks.filter(isKept);
    const isNew = isWatchAsking && !kept.some((ask) => ask.askedBy === "watch");
    if (!isNew && kept.length === facts.asks.length) return facts;
    return { ...facts, asks: isNew ? [...kept, ownAsk(context, nowMs)] : kept };
  });
}

function ownAsk({ settings }: ActorContext, nowMs: number): Ask {
  return {
    askedBy: "watch",
    askedAtMs: nowMs,
    expiresAtMs: nowMs + settings.failover.askValidSeconds * 1000,
    because: "this server's own probe",
    fingerprint: "",
  };
}
