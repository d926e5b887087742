import type pg from "pg";

/** The parts of node-postgres's connection that queries of one's own need; the package has them but its types do not. */
export interface PgConnection {
  readonly stream: {
    pause(): void;
    resume(): void;
    destroy(because: Error): void;
    cork(): void;
    uncork(): void;
    write(bytes: Buffer): void;
    listeners(event: "data"): ((chunk: Buffer) => void)[];
    removeAllListeners(event: "data"): void;
    on(event: "data", read: (chunk: Buffer) => void): void;
  };
  query(text: string): void;
  parse(statement: { readonly name: string; readonly text: string; readonly types: readonly number[] }): void;
  bind(values: { readonly values: readonly (string | null)[] }): void;
  execute(portal: { readonly portal: string; readonly rows: number }): void;
  sync(): void;
  sendCopyFail(because: string): void;
  endCopyFrom(): void;
}

/** What node-postgres asks of a query of one's own (its Client, "submittable"). */
export abstract class SubmittedQuery {
  readonly finished: Promise<void>;
  /** What the client takes for its time limit in milliseconds; undefined: the connection's. */
  readonly query_timeout: number | undefined;
  /** Set by the client when queries have a time limit; ends its timer. */
  callback: ((error: unknown) => void) | undefined;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #failure: Error | undefined;
  #lastCommand = "";

  constructor(limitMs?: number) {
    this.query_timeout = limitMs;
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** What the server said of the last statement, e.g. `COMMIT`, which of a failed transaction is `ROLLBACK`. */
  get lastCommand(): string {
    return this.#lastCommand;
  }

  abstract submit(connection: PgConnection): void;

  handleError(error: Error): void {
    this.fail(error);
    // After an error no ReadyForQuery need come (the connection may be gone).
    this.#end();
  }

  handleReadyForQuery(): void {
    this.#end();
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.#lastCommand = message.text;
  }

  handleRowDescription(): void {
    // Nobody asks for rows.
  }
  handleDataRow(): void {
    // Nobody asks for rows.
  }
  handleEmptyQuery(): void {
    // The text is never empty.
  }
  handlePortalSuspended(): void {
    // All statements run to their end.
  }
  handleCopyInResponse(connection: PgConnection): void {
    connection.sendCopyFail("nothing is to be written");
    this.fail(new TypeError("a statement that does not write by COPY was asked for data"));
  }
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

/** Runs a query of one's own on a client; rejects with what the server or the taker of its data said. */
export async function runQuery(client: pg.Client, query: SubmittedQuery): Promise<void> {
  // The client's types know only its own kinds of query.
  (client as unknown as { query(query: SubmittedQuery): unknown }).query(query);
  await query.finished;
}
