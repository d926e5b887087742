import { CopyRun } from "../../core/copy-run.js";

const newline = 10;

/** The lines of a COPY as far as they fit into a run of rows. */
export class RunOfLines {
  readonly #largestBytes: number;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #rows = 0;
  #isFull = false;

  constructor(largestBytes: number) {
    this.#largestBytes = largestBytes;
  }

  get rows(): number {
    return this.#rows;
  }

  /** True when there is a row behind the last one of the run. */
  get isFull(): boolean {
    return this.#isFull;
  }

  text(): Buffer {
    const [only, ...more] = this.#pieces;
    return only && more.length === 0 ? only : Buffer.concat(this.#pieces);
  }

  /** Takes whole lines, or those of them that still belong to the run; false when it was full before. */
  add(lines: Buffer, rows: number): boolean {
    if (this.#isFull) return false;
    this.#pieces.push(lines);
    this.#bytes += lines.length;
    this.#rows += rows;
    // Lines are looked at one by one only where it is known that not all of them belong to it.
    if (this.#bytes > this.#largestBytes) this.#cut();
    return true;
  }

  #cut(): void {
    const text = this.text();
    const run = new CopyRun(this.#largestBytes);
    let rows = 0;
    for (let at = 0; at < text.length; rows += 1) {
      const end = text.indexOf(newline, at) + 1;
      if (!run.add(end - at)) {
        this.#pieces = [text.subarray(0, at)];
        this.#rows = rows;
        this.#isFull = true;
        return;
      }
      at = end;
    }
    this.#pieces = [text];
  }
}
