import type { AlertOutcome, FailoverAlert } from "./actor-api.js";
import type { ActorContext } from "./actor-context.js";

/** How many alerts are remembered; an incident older than that many others is over. */
const rememberedAlerts = 500;

/**
 * Takes an alert that asks for a failover. It only ever adds an ask; the decision is made on fresh facts. The incident
 * is `fingerprint + startsAt`: `groupKey` is the same for separate incidents. Never acts on "resolved" (DESIGN 7.1).
 */
export async function takeAlert(context: ActorContext, alert: FailoverAlert): Promise<AlertOutcome> {
  const { ports, settings, store } = context;
  if (alert.status === "resolved") return "resolved";
  if (alert.labels["action"] !== "switchover") return "not-a-request";
  if (alert.labels["pair"] !== settings.pair) return "other-pair";
  if (settings.failover.askedBy === "watch") return "not-asked-here";
  const nowMs = ports.clock.wallMs();
  const startedAtMs = Date.parse(alert.startsAt);
  const expiresAtMs = nowMs + settings.failover.askValidSeconds * 1000;
  const key = `${alert.fingerprint} ${alert.startsAt}`;
  if (store.facts.seenAlerts.includes(key)) return "duplicate";
  // An alert that began before the last switch speaks of a server that is not active any more.
  // An operation that was undone has switched nothing: its alert still stands.
  const switches = store.facts.lastOperations.filter((operation) => operation.state === "done");
  const lastSwitchMs = Math.max(0, ...switches.map((operation) => operation.endedAtMs));
  const isTooLate = !Number.isFinite(startedAtMs) || startedAtMs < lastSwitchMs;
  let outcome: AlertOutcome = "duplicate";
  await store.change((facts) => {
    if (facts.seenAlerts.includes(key)) return facts;
    outcome = isTooLate ? "too-late" : "accepted";
    const seenAlerts = [key, ...facts.seenAlerts].slice(0, rememberedAlerts);
    if (isTooLate) return { ...facts, seenAlerts };
    const ask = {
      askedBy: "alertmanager" as const,
      askedAtMs: nowMs,
      expiresAtMs,
      because: alert.labels["alertname"] ?? "alert",
      fingerprint: alert.fingerprint,
    };
    return { ...facts, seenAlerts, asks: [...facts.asks.filter((other) => other.askedBy !== "alertmanager"), ask] };
  });
  ports.log.info("alert-taken", { fingerprint: alert.fingerprint, startsAt: alert.startsAt, outcome });
  return outcome;
}
