import { isBelow } from "../core/file-entry.js";
import { topOf } from "../core/file-moves.js";

/** Beyond this many paths a full analysis is cheaper than the memory. */
export const dirtyLimit = 10_000;
/** A path that never comes to rest still goes out after this many delays … */
const oldestDelays = 5;
/** … or this many milliseconds, whichever is later. */
const oldestMs = 1000;

/** What is noticed within this many milliseconds of each other goes out together, where the delay allows. */
const togetherMs = 200;

interface Mark {
  readonly firstAtMs: number;
  /** From when its longest wait counts: what was put back after it failed is older than that. */
  readonly waitsFromMs: number;
  dueAtMs: number;
  /** It waits for what may belong to it, and is looked at whenever something else is due. */
  readonly isHeld?: true;
}

/**
 * Paths to look at again, each after it has been quiet for the delay, or is old enough. Bounded: what is too much is
 * forgotten and remembered as `isOverflown`. Times are wall-clock milliseconds given by the caller.
 */
export class DirtySet {
  readonly #marks = new Map<string, Mark>();
  readonly #delayMs: number;
  #isOverflown = false;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /** Notes a change seen now: the delay begins again, the age does not. */
  mark(path: string, nowMs: number): void {
    const { firstAtMs, waitsFromMs } = this.#marks.get(path) ?? { firstAtMs: nowMs, waitsFromMs: nowMs };
    const latestMs = waitsFromMs + Math.max(this.#delayMs * oldestDelays, oldestMs);
    this.#set(path, { firstAtMs, waitsFromMs, dueAtMs: Math.min(nowMs + this.#delayMs, latestMs) });
  }

  /** Puts back what could not be done, to be tried again at `dueAtMs`, with the age it had. */
  putBack(path: string, firstAtMs: number, dueAtMs: number, waitsFromMs = firstAtMs): void {
    const known = this.#marks.get(path);
    this.#set(path, {
      firstAtMs: Math.min(firstAtMs, known?.firstAtMs ?? firstAtMs),
      waitsFromMs: Math.min(waitsFromMs, known?.waitsFromMs ?? waitsFromMs),
      dueAtMs: Math.min(dueAtMs, known?.dueAtMs ?? dueAtMs),
    });
  }

  /** Files of which the beginning came over, as it was at these times: the rest is to follow after the delay. */
  noteGrown(grown: ReadonlyMap<string, number>, nowMs: number): void {
    for (const [path, sinceMs] of grown) this.putBack(path, sinceMs, nowMs + this.#delayMs);
  }

  /** Puts back what was taken, until `untilMs` at the latest: it comes again, with its age, whenever anything is taken. */
  hold(path: string, firstAtMs: number, untilMs: number): void {
    this.#set(path, { firstAtMs, waitsFromMs: firstAtMs, dueAtMs: untilMs, isHeld: true });
  }

  /** A folder was renamed: what was noticed below its old name is to be looked at below the new one, too. */
  noteMoved(from: string, to: string): void {
    for (const [path, mark] of [...this.#marks]) {
      if (isBelow(path, from)) this.#set(to + path.slice(from.length), mark);
    }
  }

  /**
   * Takes out at most `limit` paths that are due, with when each was first noticed. With them go those that are due in a
   * moment: the two names of a rename are noticed one after the other and belong into one pass; and so do those that are held.
   */
  takeDue(nowMs: number, limit: number): Map<string, number> {
    const taken = new Map<string, number>();
    const isAnyDue = (this.nextDueAtMs ?? Infinity) <= nowMs;
    const untilMs = nowMs + Math.min(togetherMs, this.#delayMs / 2);
    for (const [path, mark] of isAnyDue ? this.#marks : []) {
      if (taken.size >= limit) break;
      if (mark.dueAtMs <= untilMs || mark.isHeld === true) taken.set(path, mark.firstAtMs);
    }
    for (const path of taken.keys()) this.#marks.delete(path);
    return taken;
  }

  /** Something changed of which nobody knows the path. */
  noteUnknown(): void {
    this.#isOverflown = true;
  }

  /** Forgets everything; for the beginning of a full analysis, which looks at all of it. Returns the oldest age. */
  clear(): number {
    const oldest = this.oldestAtMs;
    this.#marks.clear();
    this.#isOverflown = false;
    return oldest;
  }

  /** When the next path is due; undefined when there is none. */
  get nextDueAtMs(): number | undefined {
    let next: number | undefined;
    for (const mark of this.#marks.values()) next = Math.min(next ?? mark.dueAtMs, mark.dueAtMs);
    return next;
  }

  /** When the oldest mark was made; 0 when there is none. */
  get oldestAtMs(): number {
    let oldest = 0;
    for (const mark of this.#marks.values()) {
      oldest = oldest === 0 ? mark.firstAtMs : Math.min(oldest, mark.firstAtMs);
    }
    return oldest;
  }

  /** All of them, due or not. */
  paths(): IterableIterator<string> {
    return this.#marks.keys();
  }

  get size(): number {
    return this.#marks.size;
  }

  /** Paths were forgotten, or never known: only a full analysis can find them. */
  get isOverflown(): boolean {
    return this.#isOverflown;
  }

  #set(path: string, mark: Mark): void {
    if (!this.#marks.has(path) && this.#marks.size >= dirtyLimit) {
      this.#isOverflown = true;
      return;
    }
    this.#marks.set(path, mark);
  }
}

/** When a path, or what it is in, was first noticed to change; the oldest of all where that is not known. */
export function sinceFirstNoticed(noticed: ReadonlyMap<string, number>): (path: string) => number {
  const oldestMs = Math.min(...noticed.values());
  return (path) => noticed.get(topOf(path, noticed) ?? path) ?? oldestMs;
}
