import { serviceIntervalAt, type ServiceIntervalNow } from "../../shared/core/service-intervals.js";
import { peerState, type ActorContext } from "../actor-context.js";
import { pauseAt, type Pause } from "../core/pause.js";

/** What keeps an automatic failover from beginning now. */
export interface Maintenance {
  readonly pause?: Pause;
  readonly serviceInterval?: ServiceIntervalNow;
}

export function maintenanceNow({ ports, settings, store }: ActorContext): Maintenance {
  const nowMs = ports.clock.wallMs();
  const pause = pauseAt(store.facts.pause, nowMs);
  const serviceInterval = serviceIntervalAt(settings.serviceIntervals, nowMs);
  return { ...(pause && { pause }), ...(serviceInterval && { serviceInterval }) };
}

/** Back again, it has the time allowed to start its managed system. */
function hasPeerGoneInOrder(context: ActorContext): boolean {
  const state = peerState(context);
  return (state === "stopped" && !context.settings.failover.whenPeerStopped) || state === "turned_off";
}

/**
 * Notes that maintenance is under way, or that it has just ended: then the time allowed begins anew, and asks that
 * have waited for its end get their time again (docs/failover-decision.md).
 */
export async function noteMaintenance(context: ActorContext): Promise<void> {
  const { ports, settings, situation, store } = context;
  const { pause, serviceInterval } = maintenanceNow(context);
  const present = [
    ...(pause ? ["pause"] : []),
    ...(serviceInterval ? [`service interval ${serviceInterval.name}`] : []),
  ].join(" and ");
  const former = situation.maintenance;
  if (present !== "" || hasPeerGoneInOrder(context)) situation.excusedAtMs = ports.clock.monotonicMs();
  if (present === former) return;
  situation.maintenance = present;
  ports.log.info("maintenance", { present: present === "" ? "none" : present });
  if (present !== "" || store.facts.asks.length === 0) return;
  const expiresAtMs = ports.clock.wallMs() + settings.failover.askValidSeconds * 1000;
  await store.change((facts) => ({
    ...facts,
    asks: facts.asks.map((ask) => ({ ...ask, expiresAtMs: Math.max(ask.expiresAtMs, expiresAtMs) })),
  }));
}
