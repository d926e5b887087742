import type { SourceSafety } from "./source-safety.js";

/** Counts what is about to go, and stops the pass before it is too much. */
export class GoneCounter {
  readonly #safety: SourceSafety;
  readonly #filesOnTarget: number;
  /** How many fewer there will be: files that come and go all day are no loss. */
  readonly #fewer: number;
  #gone = 0;

  constructor(safety: SourceSafety, filesOnTarget: number, fewer: number) {
    this.#safety = safety;
    this.#filesOnTarget = filesOnTarget;
    this.#fewer = fewer;
  }

  /** Judges by the numbers on both sides alone. */
  requireSafe(): void {
    this.#safety.requireFewGone(this.#filesOnTarget, this.#fewer);
  }

  add(files: number): void {
    this.#gone += files;
    if (files > 0) this.#safety.requireFewGone(this.#filesOnTarget, this.#lost);
  }

  /** Nothing else goes: a person is asked about all of it. */
  addRest(files: number): void {
    this.#gone += files;
    if (this.#gone > 0) this.#safety.requireFewGone(this.#filesOnTarget, this.#lost, this.#gone);
  }

  get #lost(): number {
    return Math.min(this.#gone, Math.max(this.#fewer, 0));
  }
}
