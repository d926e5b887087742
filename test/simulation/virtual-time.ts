/** A queue of things that happen, in virtual time. Nothing else moves time; equal times run in the order of asking. */
export class VirtualTime {
  nowMs = 0;
  #sequence = 0;
  #settled = 0;
  readonly #heap: Entry[] = [];

  /** Returns what takes it back: nothing runs then, and no time is spent on it. */
  schedule(delayMs: number, run: () => void): () => void {
    const entry: Entry = { atMs: this.nowMs + Math.max(0, delayMs), sequence: this.#sequence++, run };
    this.#heap.push(entry);
    let index = this.#heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (isBefore(this.#heap[parent]!, entry)) break;
      this.#heap[index] = this.#heap[parent]!;
      index = parent;
    }
    this.#heap[index] = entry;
    return () => {
      entry.run = undefined;
    };
  }

  /** Runs what is next and lets every promise that follows from it settle; false when nothing is left before `untilMs`. */
  async runNext(untilMs: number): Promise<boolean> {
    for (;;) {
      const first = this.#heap[0];
      if (!first || first.atMs > untilMs) {
        this.nowMs = Math.max(this.nowMs, untilMs);
        return false;
      }
      this.#removeFirst();
      if (!first.run) continue;
      this.nowMs = Math.max(this.nowMs, first.atMs);
      first.run();
      await this.#settle();
      return true;
    }
  }

  /**
   * Lets every promise settle, however deep: a tick that is asked for in a microtask runs when no microtask is left. The
   * ports never complete in any other way. Now and then the event loop turns, for the timers of who runs this.
   */
  async #settle(): Promise<void> {
    this.#settled += 1;
    if (this.#settled % 1000 === 0) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    await Promise.resolve();
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
  }

  #removeFirst(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= this.#heap.length) break;
      if (child + 1 < this.#heap.length && isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child += 1;
      if (isBefore(last, this.#heap[child]!)) break;
      this.#heap[index] = this.#heap[child]!;
      index = child;
    }
    this.#heap[index] = last;
  }
}

interface Entry {
  readonly atMs: number;
  readonly sequence: number;
  /** Undefined: taken back. */
  run: (() => void) | undefined;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
