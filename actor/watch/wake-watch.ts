import type { ActorContext } from "../actor-context.js";
import { judgeClockGap } from "../core/clock-gap.js";
import { emptyProbeWindow } from "../core/probe-window.js";
import { endOutage } from "./probe-watch.js";

/**
 * Called as each tick of the decision begins: notices that the process or the machine slept since the last one ended,
 * or that somebody set the clock. What was seen before a sleep no longer counts; everything is looked at anew.
 */
export function noteWaking(context: ActorContext, pauseSeconds: number): void {
  const { ports, situation } = context;
  const now = { monotonicMs: ports.clock.monotonicMs(), wallMs: ports.clock.wallMs() };
  const before = situation.tickEnded;
  situation.tickEnded = now;
  if (before === undefined) {
    situation.wokenAtMs ??= now.monotonicMs;
    return;
  }
  const { sleptMs, steppedMs } = judgeClockGap(before, now, pauseSeconds * 1000);
  if (steppedMs !== 0) {
    situation.clockStep = { bySeconds: steppedMs / 1000, atMs: now.monotonicMs };
    ports.log.warn("clock-stepped", { bySeconds: steppedMs / 1000 });
  }
  if (sleptMs === 0) return;
  ports.log.warn("woken", { sleptSeconds: sleptMs / 1000 });
  situation.wokenAtMs = now.monotonicMs;
  situation.probeWindow = emptyProbeWindow;
  situation.externalResourcesAvailableSinceMs = undefined;
  situation.vantages = undefined;
  endOutage(context);
}

/** The tick has ended: the next one is due after its pause. */
export function noteTickEnded({ ports, situation }: ActorContext): void {
  situation.tickEnded = { monotonicMs: ports.clock.monotonicMs(), wallMs: ports.clock.wallMs() };
}

/** What has not been looked at since, in words. A peer that does not answer was asked all the same. */
export function listNotLookedAt({ situation }: ActorContext): readonly string[] {
  const { wokenAtMs = Infinity, recordAskedAtMs, heartbeatAskedAtMs, probeWindow } = situation;
  const isOlder = (atMs: number | undefined): boolean => atMs === undefined || atMs < wokenAtMs;
  return [
    ...(isOlder(recordAskedAtMs) ? ["read the ownership record"] : []),
    ...(isOlder(heartbeatAskedAtMs) ? ["asked the peer"] : []),
    ...(isOlder(probeWindow.probes.at(-1)?.startedAtMs) ? ["probed the managed system"] : []),
  ];
}
