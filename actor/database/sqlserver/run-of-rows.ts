import { CopyRun } from "../../core/copy-run.js";
import type { Cell } from "../../core/journal-wire.js";

/** The rows of a statement as far as they fit into a run. */
export class RunOfRows {
  readonly rows: (readonly Cell[])[] = [];
  readonly #run: CopyRun;
  readonly #imageAt: number | undefined;
  #isFull = false;

  /** `imageAt`: which cell is the image of a row of a table without a key. */
  constructor(largestBytes: number, imageAt: number | undefined) {
    this.#run = new CopyRun(largestBytes);
    this.#imageAt = imageAt;
  }

  /** True when there is a row behind the last one of the run. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Takes a row that still belongs to the run; false when it was full before. */
  add(row: readonly Cell[], bytes: number): boolean {
    if (this.#isFull) return false;
    const end = this.#run.add(bytes, this.#imageAt === undefined ? undefined : (row[this.#imageAt] ?? ""));
    if (end === undefined) this.rows.push(row);
    else this.rows.length = end;
    this.#isFull = end !== undefined || this.#run.isTooLarge;
    return true;
  }
}
