import type { ClockPort } from "../../shared/core/clock-port.js";

/** How much of the line a folder may use, over all of its passes: many small ones in a row must not have it anew each time. */
export class Bandwidth {
  readonly #clock: ClockPort;
  readonly #bytesPerSecond: number;
  /** When what was sent so far may have been sent. */
  #freeAtMs = 0;

  /** `bytesPerSecond`: 0 for all of the line. */
  constructor(clock: ClockPort, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Milliseconds to wait before so much may be sent; it counts as sent then. */
  take(bytes: number): number {
    if (this.#bytesPerSecond === 0) return 0;
    const nowMs = this.#clock.monotonicMs();
    const startMs = Math.max(nowMs, this.#freeAtMs);
    this.#freeAtMs = startMs + (bytes / this.#bytesPerSecond) * 1000;
    return startMs - nowMs;
  }
}
