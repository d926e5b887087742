/** Both clocks at one moment, in milliseconds. */
export interface ClockReading {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** Ticks come each second; a pause this much longer is no busy machine any more: the process or the machine slept. */
const noticedSleepMs = 5000;
/** Below this the wall clock is being adjusted, or two clocks were read one after the other. */
const noticedStepMs = 1000;

export interface ClockGap {
  /** For how long the process was not running, by whichever clock counted it; 0: it was. */
  readonly sleptMs: number;
  /** By how much the wall clock moved against the monotonic one; 0: it did not. A suspended machine shows both. */
  readonly steppedMs: number;
}

/** What happened to the process and its clocks during a pause that was to last `pauseMs`. */
export function judgeClockGap(before: ClockReading, after: ClockReading, pauseMs: number): ClockGap {
  const monotonicMs = after.monotonicMs - before.monotonicMs;
  const wallMs = after.wallMs - before.wallMs;
  const unexpectedMs = Math.max(monotonicMs, wallMs) - pauseMs;
  const movedMs = wallMs - monotonicMs;
  return {
    sleptMs: unexpectedMs > noticedSleepMs ? unexpectedMs : 0,
    steppedMs: Math.abs(movedMs) > noticedStepMs ? movedMs : 0,
  };
}
