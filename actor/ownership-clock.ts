import type { ActorContext } from "./actor-context.js";

/** Jumps of the wall clock below this are its being adjusted, and reading two clocks one after the other. */
const smallestJumpMs = 100;

/**
 * The clock by which confirmations age (docs/ownership.md 14): the monotonic one, plus every jump forward of the wall
 * clock against it. A machine that was suspended has grown older though its monotonic clock stood still; taking a
 * clock that was merely set for such a pause costs one confirmation, the other way round would cost the exclusion.
 * Waits for the peer never use it: they must not become shorter.
 */
export function ownershipClockMs(context: ActorContext): number {
  const { ports, situation } = context;
  const monotonicMs = ports.clock.monotonicMs();
  const wallMs = ports.clock.wallMs();
  const last = situation.clocksSeen;
  const jumpMs = last ? wallMs - last.wallMs - (monotonicMs - last.monotonicMs) : 0;
  const pausedMs = (last?.pausedMs ?? 0) + (jumpMs > smallestJumpMs ? jumpMs : 0);
  situation.clocksSeen = { monotonicMs, wallMs, pausedMs };
  return monotonicMs + pausedMs;
}

/** Seconds since the question whose answer confirmed ownership; Infinity when none ever did. */
export function confirmationAgeSeconds(context: ActorContext): number {
  const { confirmedAtMs } = context.situation;
  return confirmedAtMs === undefined ? Infinity : (ownershipClockMs(context) - confirmedAtMs) / 1000;
}
