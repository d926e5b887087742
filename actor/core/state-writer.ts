import { longestState, writeState, type EntryState } from "./folder-record.js";

/** Puts states one behind the other into a buffer that grows. */
export class StateWriter {
  #buffer: Buffer;
  #length = 0;
  count = 0;

  /** It grows by itself; whoever knows that little comes spares the memory. */
  constructor(expectedBytes = 16 * 1024) {
    this.#buffer = Buffer.allocUnsafe(expectedBytes);
  }

  add(state: EntryState): void {
    const longest = longestState(state);
    if (this.#length + longest > this.#buffer.length) this.#grow(longest);
    this.#length = writeState(this.#buffer, this.#length, state);
    this.count += 1;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #grow(wanted: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + wanted));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
