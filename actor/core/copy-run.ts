import { contentLimits } from "./link-admission.js";

/**
 * Where a run of rows in the order of their names is to end: before it outgrows a number of bytes, but never between two
 * rows with the same image, since the next run begins behind the image of the last row. It holds one row, or all rows with
 * the same image, however large they are.
 */
export class CopyRun {
  readonly #largestBytes: number;
  #rows = 0;
  #bytes = 0;
  /** Rows before the first one with the present image. */
  #before = 0;
  #image: string | undefined;

  constructor(largestBytes: number) {
    this.#largestBytes = largestBytes;
  }

  /** No message can hold it, and it cannot end sooner: there is no use in more rows. */
  get isTooLarge(): boolean {
    return this.#bytes > contentLimits.bodyBytes;
  }

  /**
   * Takes the next row and returns undefined; or, where the run is to end, the number of its rows (the last ones taken may
   * not be among them). `image`: of a table without a key.
   */
  add(bytes: number, image: string | undefined): number | undefined {
    if (image === undefined || image !== this.#image) this.#before = this.#rows;
    this.#image = image;
    if (this.#bytes + bytes > this.#largestBytes && this.#before > 0) return this.#before;
    this.#rows += 1;
    this.#bytes += bytes;
    return undefined;
  }
}
