import { errorCode } from "../../../shared/core/app-error.js";
import { tableLabel } from "../../core/journal-schema.js";
import type { CopyRequest } from "../engine.js";
import type { JournalledTable } from "../journalled-tables.js";
import { requireCopying } from "../refusals.js";
import type { Transaction, TransactionOptions } from "./connection.js";
import type { EngineContext } from "./context.js";
import { lockedState } from "./state.js";
import { tableSql } from "./table-sql.js";

/** Few enough that one DELETE ends long before any limit and its log fits; many enough that the statements do not count. */
const deletedAtOnce = 50_000;

/** Deletes all rows in the transaction that needs them gone. */
export async function emptyTable(transaction: Transaction, table: JournalledTable): Promise<void> {
  await transaction.batch(transaction.text("apply/empty-table", { table: tableSql(table).table }));
}

/**
 * Empties a table before its copy begins, in transactions of their own: one DELETE of a table of a hundred million rows
 * would have to keep all of them in the log, and after any failure begin anew. The position says "copying" before and the
 * table has no mark, so that half an empty table is never taken for a copy. Each transaction looks whether it is still so:
 * a person may promote the target meanwhile.
 */
export async function emptyStepwise(
  context: EngineContext,
  table: JournalledTable,
  request: Pick<CopyRequest, "epoch" | "history">,
  signal: AbortSignal,
): Promise<void> {
  const { table: name } = tableSql(table);
  const within = async <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> => {
    const doing = `empty ${tableLabel(table.definition)}`;
    const options: TransactionOptions = { signal, doing, isReplica: true, isLarge: true };
    return context.connection.transaction(options, async (transaction) => {
      requireCopying(context, await lockedState(transaction), request);
      return work(transaction);
    });
  };
  if (await within((transaction) => mayTruncate(transaction, name))) {
    const truncate = (transaction: Transaction): Promise<void> =>
      transaction.batch(transaction.text("apply/truncate-table", { table: name }));
    if (await isDone(within(truncate))) return;
  }
  let deleted: number;
  do {
    deleted = await within(async (transaction) => {
      const text = transaction.text("apply/delete-some", { table: name, count: String(deletedAtOnce) });
      return Number((await transaction.query(text))[0]?.["deleted"] ?? 0);
    });
  } while (deleted === deletedAtOnce);
}

async function mayTruncate(transaction: Transaction, name: string): Promise<boolean> {
  const [answer] = await transaction.query(transaction.text("query/may-truncate"), [name]);
  return answer?.["may_truncate"] === "1";
}

/** What the catalogue does not tell, or somebody who reads the table: rows can be deleted all the same. */
async function isDone(truncating: Promise<void>): Promise<boolean> {
  try {
    await truncating;
    return true;
  } catch (error) {
    const code = errorCode(error) ?? "";
    if (code === "DATABASE_BUSY" || code === "DATABASE_FAILED" || code === "DATABASE_REFUSED") return false;
    throw error;
  }
}
