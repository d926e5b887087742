import type { Statement, Transaction } from "./connection.js";

/** Characters of parameters that wait at most: a message of this size keeps the server busy for longer than it travels. */
const largestLength = 1024 * 1024;

/** Collects statements and sends them together, so that a small point is one message and a large one fills no memory. */
export class StatementQueue {
  readonly #transaction: Transaction;
  #waiting: Statement[];
  #length = 0;

  constructor(transaction: Transaction, first: readonly Statement[]) {
    this.#transaction = transaction;
    this.#waiting = [...first];
  }

  async add(statement: Statement): Promise<void> {
    this.#waiting.push(statement);
    this.#length += lengthOf(statement);
    if (this.#length >= largestLength) await this.#send([], false);
  }

  /** Sends what is left and these; with `isLast` the transaction ends with them. */
  async end(statements: readonly Statement[], isLast: boolean): Promise<void> {
    await this.#send(statements, isLast);
  }

  async #send(more: readonly Statement[], isLast: boolean): Promise<void> {
    const statements = [...this.#waiting, ...more];
    this.#waiting = [];
    this.#length = 0;
    await this.#transaction.pipeline(statements, isLast);
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
