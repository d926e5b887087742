import type { FSWatcher } from "node:fs";

/** A folder that is gone has said its last by then; one that stands elsewhere and is written to keeps its watch. */
const quietMs = 500;
const lookEveryMs = 1000;
/** Beyond this the thread was held up between the reading of the queue and the closing: what came meanwhile nobody knows. */
const heldUpMs = 1000;
/** Closed without a look at the queue in between; takes well below `heldUpMs`. */
const closedAtOnce = 1000;

/**
 * Watches on folders that are gone or have another name. What the kernel's queue holds of a watch when it is closed is dropped by
 * libuv without a word. So they go on counting, and are closed when they have been quiet, just after the queue was read to
 * its end. A folder that was watched anew meanwhile does not suffer: libuv ends a watch with its last user.
 */
export class LeftWatches {
  /** Who has been quiet for longest stands first. */
  readonly #quietSinceMs = new Map<FSWatcher, number>();
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | undefined;
  #dueAtMs: number | undefined;
  #hasJustClosed = false;

  /** After `onDue` the queue is to be read to its end, then `closeQuiet` called. */
  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  add(watcher: FSWatcher): void {
    this.#quietSinceMs.set(watcher, performance.now());
    this.#arm();
  }

  noteEvent(watcher: FSWatcher): void {
    if (this.#quietSinceMs.delete(watcher)) this.#quietSinceMs.set(watcher, performance.now());
  }

  /** So many events of those closed last may have stood in the queue uncounted; `queueEvents` is how many it keeps. */
  mostUncounted(queueEvents: number): number {
    return this.#hasJustClosed ? Math.ceil(queueEvents / 2) : 0;
  }

  /** Closes who is quiet, if that is due. After "held-up" it may be more than `mostUncounted`. */
  closeQuiet(): "nothing" | "closed" | "held-up" {
    this.#hasJustClosed = false;
    const dueAtMs = this.#dueAtMs;
    if (dueAtMs === undefined) return "nothing";
    this.#dueAtMs = undefined;
    this.#timer = undefined;
    const left = [...this.#quietSinceMs].slice(0, closedAtOnce);
    // Held up already: another time.
    const isInTime = performance.now() - dueAtMs < heldUpMs / 2;
    for (const [watcher, sinceMs] of left) {
      if (!isInTime || sinceMs > dueAtMs - quietMs) break;
      this.#quietSinceMs.delete(watcher);
      watcher.close();
      this.#hasJustClosed = true;
    }
    this.#arm();
    if (!this.#hasJustClosed) return "nothing";
    return performance.now() - dueAtMs > heldUpMs ? "held-up" : "closed";
  }

  closeAll(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#quietSinceMs.keys()) watcher.close();
    this.#quietSinceMs.clear();
  }

  #arm(): void {
    if (this.#quietSinceMs.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#dueAtMs = performance.now();
      this.#onDue();
    }, lookEveryMs);
  }
}
