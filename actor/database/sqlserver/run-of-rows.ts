import { CopyRun } from "../../core/copy-run.js";
import type { Cell } from "../../core/journal-wire.js";

/** The rows of a statement as far as they fit into a run. */
export class RunOfRows {
  readonly rows: (readonly Cell[])[] = [];
  readonly #run: CopyRun;
  #isFull = false;

  constructor(largestBytes: number) {
    this.#run = new CopyRun(largestBytes);
  }

  /** True when there is a row behind the last one of the run. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Takes a row that still belongs to the run; false when it was full before. */
  add(row: readonly Cell[], bytes: number): boolean {
    if (this.#isFull) return false;
    this.#isFull = !this.#run.add(bytes);
    if (!this.#isFull) this.rows.push(row);
    return true;
  }
}

/** Of the row as a line, but for what is escaped in it. */
export function bytesOf(row: readonly Cell[]): number {
  return row.reduce((sum, cell) => sum + (cell === null ? 2 : Buffer.byteLength(cell)) + 1, 0);
}
