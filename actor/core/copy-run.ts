/** Where a run of rows is to end: before it outgrows a number of bytes. It holds one row, however large that is. */
export class CopyRun {
  readonly #largestBytes: number;
  #rows = 0;
  #bytes = 0;

  constructor(largestBytes: number) {
    this.#largestBytes = largestBytes;
  }

  /** Takes the next row and is true; or false, where the run has ended before it. */
  add(bytes: number): boolean {
    if (this.#bytes + bytes > this.#largestBytes && this.#rows > 0) return false;
    this.#rows += 1;
    this.#bytes += bytes;
    return true;
  }
}
