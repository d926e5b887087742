import type { CountedTable } from "../../core/unseen-writes.js";
import type { RowCounts } from "../engine.js";
import { journalledTable, journalledTables, type JournalledTable } from "../journalled-tables.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { quoteText } from "./quote-identifier.js";
import { journalName, tableSql } from "./table-sql.js";

type CountFile = "query/count-of-table" | "query/rows-of-table";

/** See DatabaseEngine.rowCounts: TRUNCATE, bulk loads without FIRE_TRIGGERS and partition switches pass the triggers by. */
export function rowCounts(context: EngineContext): RowCounts {
  const { connection } = context;
  return {
    estimate: (signal) =>
      connection.transaction({ signal, doing: "look at the numbers of rows" }, async (transaction) => {
        if (!transaction.server.isSnapshotAllowed) return undefined;
        const tables = [...journalledTables(context)];
        return countedTables(transaction, tables, "query/count-of-table");
      }),
    count: (labels, signal) =>
      connection.transaction({ signal, doing: "count rows", isSnapshot: true, isLarge: true }, async (transaction) => {
        const tables = labels.map((label) => [label, journalledTable(context, label)] as const);
        return countedTables(transaction, tables, "query/rows-of-table");
      }),
  };
}

/** The tables before their journals: what is written in between is then in the journal at least. */
async function countedTables(
  transaction: Transaction,
  tables: readonly (readonly [string, JournalledTable])[],
  file: CountFile,
): Promise<readonly CountedTable[]> {
  const rows = await rowsOf(transaction, file, tables, ({ n, definition }) => tableSql({ n, definition }).table);
  const pending = await rowsOf(transaction, file, tables, ({ n }) => `sparesync.${journalName(n)}`);
  return tables.map(([table, { n }]) => ({ table, rows: rows.get(n) ?? 0, pending: pending.get(n) ?? 0 }));
}

async function rowsOf(
  transaction: Transaction,
  file: CountFile,
  tables: readonly (readonly [string, JournalledTable])[],
  nameOf: (table: JournalledTable) => string,
): Promise<ReadonlyMap<number, number>> {
  if (tables.length === 0) return new Map();
  const questions = tables.map(([, table]) => {
    const name = nameOf(table);
    return transaction.text(file, { n: String(table.n), name: quoteText(name), table: name });
  });
  const rows = await transaction.query(questions.join("\nUNION ALL\n"));
  return new Map(rows.map((row) => [Number(row["n"]), Number(row["rows"])]));
}
