import type { ClockReading } from "./clock-gap.js";

/** A clock that is put right moves by seconds or hours; what is a day ahead is wrong, or the machine stood still for so long. */
const leapMs = 86_400_000;
/** So long a person has to put the clock right before its time is taken for the true one. */
const patienceMs = 86_400_000;

/** What the times of a purge are judged by. */
export interface PurgeClock {
  /** The last reading that was believed. */
  readonly trusted: ClockReading;
  /** By the monotonic clock, when the wall clock was first seen far ahead. */
  readonly leaptAtMs?: number;
}

/** The next state at a reading of the clocks; `aheadMs`: by how much the wall clock leapt ahead since it was believed, 0 if it did not. */
export function nextPurgeClock(
  { trusted, leaptAtMs }: PurgeClock,
  now: ClockReading,
): { readonly clock: PurgeClock; readonly aheadMs: number } {
  const aheadMs = now.wallMs - trusted.wallMs - (now.monotonicMs - trusted.monotonicMs);
  const seenAtMs = leaptAtMs ?? now.monotonicMs;
  if (aheadMs <= leapMs || now.monotonicMs - seenAtMs >= patienceMs) return { clock: { trusted: now }, aheadMs: 0 };
  return { clock: { trusted, leaptAtMs: seenAtMs }, aheadMs };
}
