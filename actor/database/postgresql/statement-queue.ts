import type { Statement, Transaction } from "./connection.js";

/** Characters of parameters that wait at most: a message of this size keeps the server busy for longer than it travels. */
const largestLength = 1024 * 1024;

/**
 * Collects statements and sends them together, so that a small point is one message and a large one fills no memory. While
 * the server works on one message the next one is collected.
 */
export class StatementQueue {
  readonly #transaction: Transaction;
  #waiting: Statement[] = [];
  #length = 0;
  #sent: Promise<void> = Promise.resolve();

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  /** Rejects with what the server said of statements that were added before. */
  async add(statement: Statement): Promise<void> {
    this.#waiting.push(statement);
    this.#length += lengthOf(statement);
    if (this.#length >= largestLength) await this.#send([], false);
  }

  /** What waits is not sent; resolves when the server is done with what was. */
  async forget(): Promise<void> {
    this.#waiting = [];
    this.#length = 0;
    await this.#sent.catch(() => undefined);
    this.#sent = Promise.resolve();
  }

  /** Sends what is left and these, and waits for the server; with `isLast` the transaction ends with them. */
  async end(statements: readonly Statement[], isLast: boolean): Promise<void> {
    await this.#send(statements, isLast);
    await this.#sent;
  }

  async #send(more: readonly Statement[], isLast: boolean): Promise<void> {
    const statements = [...this.#waiting, ...more];
    this.#waiting = [];
    this.#length = 0;
    await this.#sent;
    this.#sent = this.#transaction.pipeline(statements, isLast);
    // Told to who sends next; until then it must not count as unhandled.
    this.#sent.catch(() => undefined);
  }
}

function lengthOf({ parameters }: Statement): number {
  let length = 0;
  for (const parameter of parameters) {
    if (!Array.isArray(parameter)) continue;
    for (const cell of parameter as readonly (string | null)[]) length += (cell?.length ?? 0) + 3;
  }
  return length;
}
