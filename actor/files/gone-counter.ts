import type { GoneNames } from "./gone-names.js";
import type { SourceSafety } from "./source-safety.js";

/** Files and links on both sides, before anything is compared. */
export interface FileNumbers {
  readonly filesOnTarget: number;
  /** How many fewer there will be: files that come and go all day are no loss. */
  readonly fewer: number;
  /** Whether the numbers alone say that some go. */
  readonly isFewer: boolean;
}

/** Counts what is about to go, and stops the pass before it is too much. */
export class GoneCounter {
  readonly #safety: SourceSafety;
  readonly #numbers: FileNumbers;
  readonly #names: GoneNames | undefined;
  #gone = 0;

  /** `names`: of all that goes, where somebody has counted it before. */
  constructor(safety: SourceSafety, numbers: FileNumbers, names?: GoneNames) {
    this.#safety = safety;
    this.#numbers = numbers;
    this.#names = names;
  }

  /** Whether nobody has to be asked, by the numbers on both sides alone. */
  get isSafeByNumbers(): boolean {
    const { filesOnTarget, fewer, isFewer } = this.#numbers;
    return this.#safety.isSafe(filesOnTarget, isFewer ? fewer : 0);
  }

  /** Whether nobody has to be asked, when that is all that goes. */
  isSafeFor(gone: number): boolean {
    const { filesOnTarget } = this.#numbers;
    return this.isSafeByNumbers && (gone === 0 || this.#safety.isSafe(filesOnTarget, this.#lost(gone), gone));
  }

  /** Judges by the numbers on both sides alone. */
  requireSafe(): void {
    const { filesOnTarget, fewer, isFewer } = this.#numbers;
    if (isFewer) this.#safety.requireFewGone(filesOnTarget, fewer, 0, this.#names);
  }

  add(files: number): void {
    this.#gone += files;
    const { filesOnTarget } = this.#numbers;
    if (files > 0) this.#safety.requireFewGone(filesOnTarget, this.#lost(this.#gone), 0, this.#names);
  }

  /** Nothing else goes: a person is asked about all of it. */
  addRest(files: number): void {
    this.#gone += files;
    const { filesOnTarget } = this.#numbers;
    if (this.#gone > 0) {
      this.#safety.requireFewGone(filesOnTarget, this.#lost(this.#gone), this.#gone, this.#names);
    }
  }

  #lost(gone: number): number {
    return Math.min(gone, Math.max(this.#numbers.fewer, 0));
  }
}
