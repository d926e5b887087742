/** Beyond so many events in so short a time a source on chokidar is not believed: of 40,000 it lost two thirds. */
const mostEvents = 1000;
const withinMs = 1000;

/** Tells when so many events come in a short time that others may have been dropped. */
export class BurstGauge {
  #events = 0;
  #sinceMs = Number.NEGATIVE_INFINITY;

  /** Whether this event is the one too many, at a monotonic time; once for each burst or second of it. */
  isTooMany(nowMs: number): boolean {
    if (nowMs - this.#sinceMs >= withinMs) {
      this.#sinceMs = nowMs;
      this.#events = 0;
    }
    this.#events += 1;
    return this.#events === mostEvents + 1;
  }
}
