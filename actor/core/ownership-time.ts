/** Jumps of the wall clock below this are its being adjusted, and reading two clocks one after the other. */
const smallestJumpMs = 100;

/** Both clocks as last read, and how long the monotonic one stood still in all. */
export interface ClocksSeen {
  readonly monotonicMs: number;
  readonly wallMs: number;
  readonly pausedMs: number;
}

/**
 * The time by which confirmations age (docs/ownership.md 14) is `monotonicMs + pausedMs`: the monotonic clock, plus
 * every jump forward of the wall clock against it. A machine that was suspended has grown older though its monotonic
 * clock stood still; taking a clock that was merely set for such a pause costs one confirmation, the other way round
 * would cost the exclusion. Waits for the peer never use it: they must not become shorter.
 */
export function advanceOwnershipTime(last: ClocksSeen | undefined, monotonicMs: number, wallMs: number): ClocksSeen {
  const jumpMs = last ? wallMs - last.wallMs - (monotonicMs - last.monotonicMs) : 0;
  const pausedMs = (last?.pausedMs ?? 0) + (jumpMs > smallestJumpMs ? jumpMs : 0);
  return { monotonicMs, wallMs, pausedMs };
}
