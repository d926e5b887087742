import type { ActorContext } from "./actor-context.js";
import { advanceOwnershipTime } from "./core/ownership-time.js";

/** The time by which this actor's confirmations age, in milliseconds; see advanceOwnershipTime. */
export function ownershipClockMs({ ports, situation }: ActorContext): number {
  const seen = advanceOwnershipTime(situation.clocksSeen, ports.clock.monotonicMs(), ports.clock.wallMs());
  situation.clocksSeen = seen;
  return seen.monotonicMs + seen.pausedMs;
}

/** Seconds since the question whose answer confirmed ownership; Infinity when none ever did. */
export function confirmationAgeSeconds(context: ActorContext): number {
  const { confirmedAtMs } = context.situation;
  return confirmedAtMs === undefined ? Infinity : (ownershipClockMs(context) - confirmedAtMs) / 1000;
}
