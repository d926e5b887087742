import type pg from "pg";

/** The parts of node-postgres's connection that a COPY needs; the package has them but its types do not. */
interface CopyConnection {
  readonly stream: { pause(): void; resume(): void };
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** How many pieces may wait for their taker before the server is kept waiting. */
const largestQueue = 4;

/** What node-postgres asks of a query of one's own (its Client, "submittable"). */
abstract class CopyQuery {
  readonly finished: Promise<void>;
  /** Set by the client when queries have a time limit; ends its timer. */
  callback: ((error: unknown) => void) | undefined;
  readonly #text: string;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #failure: Error | undefined;

  constructor(text: string) {
    this.#text = text;
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: CopyConnection): void {
    connection.query(this.#text);
  }

  handleError(error: Error): void {
    this.fail(error);
    // After an error no ReadyForQuery need come (the connection may be gone).
    this.#end();
  }

  handleReadyForQuery(): void {
    this.#end();
  }

  handleRowDescription(): void {
    // COPY has none.
  }
  handleCommandComplete(): void {
    // Its end is ReadyForQuery.
  }
  handleEmptyQuery(): void {
    // The text is never empty.
  }
  handlePortalSuspended(): void {
    // COPY runs to its end.
  }
  handleCopyOutResponse(): void {
    // Data follow.
  }
  abstract handleCopyInResponse(connection: CopyConnection): void;
  abstract handleCopyData(message: { readonly chunk: Buffer }, connection: CopyConnection): void;

  protected fail(error: Error): void {
    this.#failure ??= error;
  }

  /** What must have happened before the query counts as over. */
  protected beforeEnd(): Promise<void> {
    return Promise.resolve();
  }

  #end(): void {
    this.callback?.(this.#failure);
    this.callback = undefined;
    this.beforeEnd().then(
      () => {
        if (this.#failure) this.#reject(this.#failure);
        else this.#resolve();
      },
      (error: unknown) => {
        this.#reject(error as Error);
      },
    );
  }
}

/** `COPY … TO STDOUT`: hands the lines out in pieces, and keeps the server waiting while the taker is slow. */
export class CopyOut extends CopyQuery {
  readonly #limits: { readonly rows: number; readonly bytes: number };
  readonly #take: (text: Buffer, rows: number) => Promise<void>;
  #lines: Buffer[] = [];
  #bytes = 0;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(
    text: string,
    limits: { readonly rows: number; readonly bytes: number },
    take: (text: Buffer, rows: number) => Promise<void>,
  ) {
    super(text);
    this.#limits = limits;
    this.#take = take;
  }

  override handleCopyInResponse(): void {
    this.fail(new TypeError("a COPY that reads was asked for data"));
  }

  override handleCopyData({ chunk }: { readonly chunk: Buffer }, connection: CopyConnection): void {
    // The parser uses its buffer again: what is kept must be a copy.
    this.#lines.push(Buffer.from(chunk));
    this.#bytes += chunk.length;
    if (this.#lines.length >= this.#limits.rows || this.#bytes >= this.#limits.bytes) this.#hand(connection);
  }

  protected override beforeEnd(): Promise<void> {
    this.#hand(undefined);
    return this.#last;
  }

  #hand(connection: CopyConnection | undefined): void {
    if (this.#lines.length === 0) return;
    const text = Buffer.concat(this.#lines, this.#bytes);
    const rows = this.#lines.length;
    this.#lines = [];
    this.#bytes = 0;
    this.#waiting += 1;
    if (connection && this.#waiting >= largestQueue) connection.stream.pause();
    this.#last = this.#last.then(async () => {
      try {
        await this.#take(text, rows);
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
export class CopyIn extends CopyQuery {
  readonly #pieces: readonly Buffer[];

  constructor(text: string, pieces: readonly Buffer[]) {
    super(text);
    this.#pieces = pieces;
  }

  override handleCopyData(): void {
    this.fail(new TypeError("a COPY that writes was given data"));
  }

  override handleCopyInResponse(connection: CopyConnection): void {
    for (const piece of this.#pieces) connection.sendCopyFromChunk(piece);
    connection.endCopyFrom();
  }
}

/** Runs a COPY on a client; rejects with what the server or the taker said. */
export async function runCopy(client: pg.Client, query: CopyOut | CopyIn): Promise<void> {
  // The client's types know only its own kinds of query.
  (client as unknown as { query(query: CopyOut | CopyIn): unknown }).query(query);
  await query.finished;
}
