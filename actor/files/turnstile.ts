import { AppError } from "../../shared/core/app-error.js";

/** So many numbers may be ahead of the one whose turn it is: each holds what came with it in memory. */
const window = 8;

export interface Turn {
  /** Resolves when all numbers before have left; rejects when the turnstile was cleared. */
  readonly reached: Promise<void>;
  leave(): void;
}

interface Waiting extends Turn {
  readonly pass: () => void;
  readonly fail: (error: Error) => void;
}

/** Brings what arrives over several connections back into the order of its numbers 1, 2, 3 …; each is let in once. */
export class Turnstile {
  readonly #inside = new Map<number, Waiting>();
  readonly #left = new Set<number>();
  #current = 1;
  #onEmpty: () => void = () => undefined;

  /** Throws REQUEST_INVALID for a number that was there before or is too far ahead. */
  enter(number: number): Turn {
    if (
      number < this.#current ||
      number >= this.#current + window ||
      this.#inside.has(number) ||
      this.#left.has(number)
    ) {
      throw new AppError("REQUEST_INVALID", `Batch ${number} came where ${this.#current} was due.`);
    }
    let pass = (): void => undefined;
    let fail: (error: Error) => void = () => undefined;
    const reached = new Promise<void>((resolve, reject) => {
      pass = resolve;
      fail = reject;
    });
    // Whoever fails before waiting for it must not leave a rejection behind that nobody hears.
    reached.catch(() => undefined);
    const waiting = {
      reached,
      pass,
      fail,
      leave: () => {
        this.#leave(number, waiting);
      },
    };
    this.#inside.set(number, waiting);
    if (number === this.#current) pass();
    return waiting;
  }

  /** Sends away all who wait and begins again at 1; resolves when nobody is inside any more. */
  async clear(): Promise<void> {
    for (const { fail } of this.#inside.values()) {
      fail(new AppError("REQUEST_INVALID", "The message belongs to a pass that is over."));
    }
    if (this.#inside.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    this.#left.clear();
    this.#current = 1;
  }

  #leave(number: number, waiting: Waiting): void {
    if (this.#inside.get(number) !== waiting) return;
    this.#inside.delete(number);
    this.#left.add(number);
    while (this.#left.delete(this.#current)) this.#current += 1;
    this.#inside.get(this.#current)?.pass();
    if (this.#inside.size === 0) this.#onEmpty();
  }
}
