import { CopyDataFilter } from "./copy-data-filter.js";
import { SubmittedQuery, type PgConnection } from "./submitted-query.js";

/** How many pieces may wait for their taker before the server is kept waiting. */
const largestQueue = 4;

/** The longest a timer of Node takes: 24 days. */
const noLimitMs = 2 ** 31 - 1;

type Reader = (chunk: Buffer) => void;

/** A `COPY … TO STDOUT` and who takes its lines, in pieces of whole lines within the limits (one line may be longer). */
export interface CopyOutStatement {
  readonly text: string;
  readonly limits: { readonly rows: number; readonly bytes: number };
  /** How many bytes one piece will about have, where that is known. */
  readonly expectedBytes?: number;
  readonly take: (text: Buffer, rows: number) => Promise<void>;
}

/** Several `COPY … TO STDOUT`, then statements without answers, as one message. Keeps the server waiting while a taker is slow. */
export class CopyOut extends SubmittedQuery {
  readonly #copies: readonly CopyOutStatement[];
  readonly #after: readonly string[];
  #at = 0;
  #connection: PgConnection | undefined;
  #filter: CopyDataFilter | undefined;
  #readers: readonly Reader[] = [];
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  readonly #silenceLimitMs: number;
  #silence: NodeJS.Timeout | undefined;

  /** `silenceLimitMs`: a server that says nothing for so long is treated as lost; all together may take any time. */
  constructor(copies: readonly CopyOutStatement[], after: readonly string[], silenceLimitMs: number) {
    super(noLimitMs);
    this.#copies = copies;
    this.#after = after;
    this.#silenceLimitMs = silenceLimitMs;
  }

  override submit(connection: PgConnection): void {
    const { stream } = connection;
    this.#connection = connection;
    this.#readers = stream.listeners("data");
    const pass = (bytes: Buffer): void => {
      for (const read of this.#readers) read.call(stream, bytes);
    };
    const filter = new CopyDataFilter(pass, () => {
      this.#handWhenFull();
    });
    this.#filter = filter;
    filter.expect(this.#copies[0]?.expectedBytes ?? 0);
    stream.removeAllListeners("data");
    const silence = setTimeout(() => {
      // Whoever waits for us to take what it has sent is not silent.
      if (this.#waiting > 0) silence.refresh();
      else stream.destroy(new Error("Query read timeout"));
    }, this.#silenceLimitMs);
    this.#silence = silence;
    stream.on("data", (chunk) => {
      silence.refresh();
      filter.push(chunk);
    });
    connection.query([...this.#copies.map(({ text }) => text), ...this.#after].join(";\n"));
  }

  /** The driver does not tell when a COPY begins, only when a statement has ended. */
  override handleCommandComplete(message: { readonly text: string }): void {
    super.handleCommandComplete(message);
    this.#hand(false);
    this.#at += 1;
    this.#filter?.expect(this.#copies[this.#at]?.expectedBytes ?? 0);
  }

  protected override beforeEnd(): Promise<void> {
    clearTimeout(this.#silence);
    this.#giveStreamBack();
    return this.#last;
  }

  /** The driver reads its stream itself again, with what has come of a message that is not whole. */
  #giveStreamBack(): void {
    const stream = this.#connection?.stream;
    const filter = this.#filter;
    if (!stream || !filter) return;
    this.#filter = undefined;
    stream.removeAllListeners("data");
    for (const read of this.#readers) stream.on("data", read);
    filter.end();
  }

  #handWhenFull(): void {
    const limits = this.#copies[this.#at]?.limits;
    const filter = this.#filter;
    if (limits && filter && (filter.rows >= limits.rows || filter.bytes >= limits.bytes)) this.#hand(true);
  }

  /** `isMoreComing`: then the server is kept waiting when too much waits here. */
  #hand(isMoreComing: boolean): void {
    const copy = this.#copies[this.#at];
    const rows = this.#filter?.rows ?? 0;
    if (!copy || !this.#filter || rows === 0) return;
    const text = this.#filter.take();
    this.#waiting += 1;
    if (isMoreComing && this.#waiting >= largestQueue) this.#connection?.stream.pause();
    this.#last = this.#last
      .then(() => copy.take(text, rows))
      // Also for what comes behind a piece that could not be taken: the server must come to its end.
      .finally(() => {
        this.#waiting -= 1;
        this.#connection?.stream.resume();
      });
    // The failure is told at the end; until then it must not count as unhandled.
    this.#last.catch(() => undefined);
  }
}

/** CopyData (PostgreSQL manual, "Message Formats"): its kind, and the length of what follows it. */
const copyDataHeadBytes = 5;
const lengthBytes = 4;
const copyDataKind = "d".charCodeAt(0);

/** `COPY … FROM STDIN`: sends the lines as they are, without the copies that the driver would make of them. */
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
    const { stream } = connection;
    stream.cork();
    for (const piece of this.#pieces) {
      const head = Buffer.alloc(copyDataHeadBytes);
      head[0] = copyDataKind;
      head.writeUInt32BE(lengthBytes + piece.length, 1);
      stream.write(head);
      stream.write(piece);
    }
    connection.endCopyFrom();
    stream.uncork();
  }
}
