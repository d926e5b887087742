/** A source has three messages on their way at most. */
const keptBuffers = 3;
/** What is smaller costs next to nothing to get; what is larger is rare, and would only be held. */
const keptBytes = { least: 256 * 1024, most: 8 * 1024 * 1024 } as const;
/** Pieces of large files differ by some bytes in what is said beside them. */
const stepBytes = 64 * 1024;

/**
 * Memory for the bodies of received messages. Getting it anew for each has V8 collect garbage after every few of them, which was a
 * third of a target's processor time (measured); so who is done with a body may give its memory back.
 */
export class BodyMemory {
  readonly #spare: Buffer[] = [];

  /** Memory of at least so many bytes, with anything in it. */
  take(bytes: number): Buffer {
    if (!isKept(bytes)) return Buffer.allocUnsafe(bytes);
    const found = this.#spare.findIndex((spare) => spare.length >= bytes);
    const [spare] = found < 0 ? [] : this.#spare.splice(found, 1);
    return spare ?? Buffer.allocUnsafeSlow(Math.ceil(bytes / stepBytes) * stepBytes);
  }

  /** For memory that came from `take`, once. */
  giveBack(memory: Buffer): void {
    if (isKept(memory.length) && this.#spare.length < keptBuffers) this.#spare.push(memory);
  }
}

function isKept(bytes: number): boolean {
  return bytes >= keptBytes.least && bytes <= keptBytes.most;
}
