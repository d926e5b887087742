/** CopyData (PostgreSQL manual, "Message Formats"): a kind, the length of what follows the kind, one line. */
const copyData = "d".charCodeAt(0);
const headBytes = 5;
const lengthBytes = 4;
/** Shorter lines are copied faster byte by byte than by a call. */
const shortLine = 48;
const firstBufferBytes = 64 * 1024;
const nothing = Buffer.alloc(0);

/**
 * Takes the lines of a COPY out of the server's stream before the driver's parser sees them: it makes an object of every
 * line, which costs several times what the line itself does. All other messages are passed on as they come.
 */
export class CopyDataFilter {
  readonly #pass: (bytes: Buffer) => void;
  readonly #onLine: () => void;
  /** Lines not taken yet, as they follow each other. */
  #lines = nothing;
  /** What is made room for at once. */
  #expectedBytes = firstBufferBytes;
  #bytes = 0;
  #rows = 0;
  /** The beginning of a message whose head has not come whole. */
  #head = Buffer.alloc(0);
  /** What is still to come of the message under way. */
  #missing = 0;
  #isLine = false;
  #isOver = false;

  /** `pass` gets what is no line; `onLine` is told of each line that has come whole. */
  constructor(pass: (bytes: Buffer) => void, onLine: () => void) {
    this.#pass = pass;
    this.#onLine = onLine;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get rows(): number {
    return this.#rows;
  }

  /** About as many bytes of lines come before they are taken: room that is made once is not copied again and again. */
  expect(bytes: number): void {
    this.#expectedBytes = Math.max(firstBufferBytes, bytes);
  }

  /** Hands out the lines that have come, and forgets them. A line must not be under way. */
  take(): Buffer {
    const lines = this.#lines.subarray(0, this.#bytes);
    this.#expectedBytes = Math.max(this.#expectedBytes, this.#bytes);
    this.#lines = nothing;
    this.#bytes = 0;
    this.#rows = 0;
    return lines;
  }

  push(chunk: Buffer): void {
    let at = this.#resume(chunk);
    while (at < chunk.length) {
      // Passing a message on may have been the end.
      if (this.#isOver) {
        this.#pass(chunk.subarray(at));
        return;
      }
      if (chunk.length - at < headBytes) {
        this.#head = Buffer.from(chunk.subarray(at));
        return;
      }
      const end = at + 1 + chunk.readUInt32BE(at + 1);
      if (chunk[at] === copyData && end <= chunk.length) {
        this.#append(chunk, at + headBytes, end);
        this.#endLine();
        at = end;
      } else at = this.#begin(chunk, at, end);
    }
  }

  /** From now on everything is passed on, also what has come of a message that is not whole. */
  end(): void {
    this.#isOver = true;
    if (this.#head.length > 0) this.#pass(this.#head);
  }

  /** Goes on with the message that the former chunk did not end; returns where the next one begins. */
  #resume(chunk: Buffer): number {
    if (this.#missing > 0) {
      const end = Math.min(chunk.length, this.#missing);
      this.#missing -= end;
      this.#continue(chunk, 0, end);
      return end;
    }
    if (this.#head.length === 0) return 0;
    const needed = headBytes - this.#head.length;
    const head = Buffer.concat([this.#head, chunk.subarray(0, needed)]);
    if (head.length < headBytes) {
      this.#head = head;
      return chunk.length;
    }
    this.#head = Buffer.alloc(0);
    this.#isLine = head[0] === copyData;
    this.#missing = head.readUInt32BE(1) - lengthBytes;
    if (!this.#isLine) this.#pass(head);
    if (this.#missing === 0) {
      if (this.#isLine) this.#endLine();
      return needed;
    }
    return needed + this.#resume(chunk.subarray(needed));
  }

  /** A message that is no line, or not whole in this chunk; returns where the chunk goes on. */
  #begin(chunk: Buffer, at: number, end: number): number {
    this.#isLine = chunk[at] === copyData;
    const here = Math.min(end, chunk.length);
    this.#missing = end - here;
    this.#continue(chunk, this.#isLine ? at + headBytes : at, here);
    return here;
  }

  #continue(chunk: Buffer, from: number, to: number): void {
    if (!this.#isLine) this.#pass(chunk.subarray(from, to));
    else {
      this.#append(chunk, from, to);
      if (this.#missing === 0) this.#endLine();
    }
  }

  #endLine(): void {
    this.#rows += 1;
    this.#onLine();
  }

  #append(chunk: Buffer, from: number, to: number): void {
    const bytes = this.#bytes + to - from;
    if (bytes > this.#lines.length) this.#grow(bytes);
    const lines = this.#lines;
    if (to - from < shortLine) {
      for (let at = from, into = this.#bytes; at < to; at += 1, into += 1) lines[into] = chunk[at] ?? 0;
    } else chunk.copy(lines, this.#bytes, from, to);
    this.#bytes = bytes;
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafe(Math.max(bytes, this.#lines.length * 2, this.#expectedBytes));
    this.#lines.copy(larger, 0, 0, this.#bytes);
    this.#lines = larger;
  }
}
