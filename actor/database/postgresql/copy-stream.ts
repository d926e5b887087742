import { SubmittedQuery, type PgConnection } from "./submitted-query.js";

/** How many pieces may wait for their taker before the server is kept waiting. */
const largestQueue = 4;

/** A `COPY … TO STDOUT` and who takes its lines, in pieces of whole lines within the limits (one line may be longer). */
export interface CopyOutStatement {
  readonly text: string;
  readonly limits: { readonly rows: number; readonly bytes: number };
  readonly take: (text: Buffer, rows: number) => Promise<void>;
}

/** Several `COPY … TO STDOUT`, then statements without answers, as one message. Keeps the server waiting while a taker is slow. */
export class CopyOut extends SubmittedQuery {
  readonly #copies: readonly CopyOutStatement[];
  readonly #after: readonly string[];
  #at = 0;
  #lines: Buffer[] = [];
  #bytes = 0;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(copies: readonly CopyOutStatement[], after: readonly string[]) {
    super();
    this.#copies = copies;
    this.#after = after;
  }

  override submit(connection: PgConnection): void {
    connection.query([...this.#copies.map(({ text }) => text), ...this.#after].join(";\n"));
  }

  /** The driver does not tell when a COPY begins, only when a statement has ended. */
  override handleCommandComplete(message: { readonly text: string }): void {
    super.handleCommandComplete(message);
    this.#hand(undefined);
    this.#at += 1;
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }, connection: PgConnection): void {
    // The parser uses its buffer again: what is kept must be a copy.
    this.#lines.push(Buffer.from(chunk));
    this.#bytes += chunk.length;
    const limits = this.#copies[this.#at]?.limits;
    if (limits && (this.#lines.length >= limits.rows || this.#bytes >= limits.bytes)) this.#hand(connection);
  }

  protected override beforeEnd(): Promise<void> {
    this.#hand(undefined);
    return this.#last;
  }

  #hand(connection: PgConnection | undefined): void {
    const copy = this.#copies[this.#at];
    if (this.#lines.length === 0 || !copy) return;
    const text = Buffer.concat(this.#lines, this.#bytes);
    const rows = this.#lines.length;
    this.#lines = [];
    this.#bytes = 0;
    this.#waiting += 1;
    if (connection && this.#waiting >= largestQueue) connection.stream.pause();
    this.#last = this.#last.then(async () => {
      try {
        await copy.take(text, rows);
      } finally {
        this.#waiting -= 1;
        connection?.stream.resume();
      }
    });
    // The failure is told at the end; until then it must not count as unhandled.
    this.#last.catch(() => undefined);
  }
}

/** `COPY … FROM STDIN`: sends the lines as they are. */
export class CopyIn extends SubmittedQuery {
  readonly #text: string;
  readonly #pieces: readonly Buffer[];

  constructor(text: string, pieces: readonly Buffer[]) {
    super();
    this.#text = text;
    this.#pieces = pieces;
  }

  override submit(connection: PgConnection): void {
    connection.query(this.#text);
  }

  override handleCopyInResponse(connection: PgConnection): void {
    for (const piece of this.#pieces) connection.sendCopyFromChunk(piece);
    connection.endCopyFrom();
  }
}
