import type { Cell, JournalBatch } from "../../core/journal-wire.js";
import { batchOfRows } from "../../core/journal-wire.js";
import { tableLabel } from "../../core/journal-schema.js";
import type { PointToken, ReadLimits } from "../engine.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { journalledTables } from "./context.js";
import { quoteIdentifier } from "./quote-identifier.js";
import type { JournalledTable } from "./table-sql.js";
import { journalKey, matchJournal, tableSql, textOf } from "./table-sql.js";

type Write = (batch: JournalBatch) => Promise<void>;

/** Rows asked for first, while their size is not known. */
const firstFetchRows = 64;

/** See DatabaseEngine.readPoint: one snapshot, nothing but local writing while it is open. */
export async function readPoint(
  context: EngineContext,
  point: { readonly point: number; readonly attempt: string },
  limits: ReadLimits,
  write: Write,
  signal: AbortSignal,
): Promise<PointToken> {
  const { connection, sql } = context;
  const options = { signal, doing: "read the journal", isSnapshot: true };
  return connection.transaction(options, async (transaction) => {
    const answer = await transaction.query(sql.text("query/snapshot"));
    const snapshot = answer[0]?.["snapshot"] ?? "";
    for (const table of await journalsWithRows(context, transaction)) {
      await readJournal(context, transaction, table, limits, write);
    }
    await readSequences(context, transaction, write);
    await transaction.query(sql.text("query/note-sending"), [point.point, point.attempt, snapshot]);
    return { ...point, snapshot };
  });
}

/** Number of journal rows by table, each counted up to `limit`. */
export async function pendingByTable(
  context: EngineContext,
  transaction: Transaction,
  limit: number,
): Promise<ReadonlyMap<number, number>> {
  const questions = [...journalledTables(context).values()].map((table) =>
    context.sql.text("query/pending-of-table", { n: String(table.n), journal: tableSql(table).journal }),
  );
  if (questions.length === 0) return new Map();
  const rows = await transaction.query(questions.join("\nUNION ALL\n"), [limit]);
  return new Map(rows.map((row) => [Number(row["n"]), Number(row["pending"])]));
}

async function journalsWithRows(context: EngineContext, transaction: Transaction): Promise<JournalledTable[]> {
  const pending = await pendingByTable(context, transaction, 1);
  return [...journalledTables(context).values()].filter((table) => (pending.get(table.n) ?? 0) > 0);
}

/** Hands out a table's journalled keys: a truncation first, then keys without a row and rows as they are now. */
export async function readJournal(
  context: EngineContext,
  transaction: Transaction,
  table: JournalledTable,
  limits: ReadLimits,
  write: Write,
): Promise<void> {
  const { sql } = context;
  const parts = tableSql(table);
  const label = tableLabel(table.definition);
  const first = journalKey(0);
  const truncated = await transaction.query(
    sql.text("query/is-truncated", { journal: parts.journal, isTruncation: `${first} IS NULL` }),
  );
  if (truncated[0]?.["is_truncated"] === "t") {
    await write({ kind: "truncated", table: label, columns: [], values: [] });
  }
  const keyCount = parts.keys.length;
  await transaction.query(
    sql.text("query/journal-rows", {
      journal: parts.journal,
      table: parts.table,
      keyNames: parts.journalKeys,
      isKey: `${first} IS NOT NULL`,
      keys: parts.keys.map((column, index) => textOf(`j.${journalKey(index)}`, column)).join(", "),
      match: matchJournal(parts.keys),
      isGone: `t.${quoteIdentifier(parts.keys[0]?.name ?? "")} IS NULL`,
      columns: parts.columns.map((column) => textOf(`t.${quoteIdentifier(column.name)}`, column)).join(", "),
    }),
  );
  const keyHead = { kind: "gone", table: label, columns: parts.keys.map((column) => column.name) } as const;
  const rowHead = { kind: "rows", table: label, columns: parts.columns.map((column) => column.name) } as const;
  await fetchAll(context, transaction, limits, async (rows) => {
    const gone = rows.filter((row) => row[0] !== null);
    const present = rows.filter((row) => row[0] === null);
    if (gone.length > 0) await write(batchOfRows(keyHead, gone, 1));
    if (present.length > 0) await write(batchOfRows(rowHead, present, 1 + keyCount));
  });
}

/** Reads the open cursor to its end, in runs of about `batchBytes`, and closes it. */
export async function fetchAll(
  context: EngineContext,
  transaction: Transaction,
  limits: ReadLimits,
  take: (rows: readonly (readonly Cell[])[]) => Promise<void>,
): Promise<void> {
  let count = Math.min(firstFetchRows, limits.batchRows);
  for (;;) {
    const rows = await transaction.queryRows(context.sql.text("query/fetch", { count: String(count) }));
    if (rows.length > 0) await take(rows);
    if (rows.length < count) break;
    count = nextRowCount(rows, limits);
  }
  await transaction.query(context.sql.text("query/close"));
}

/** As many rows as fit into the byte limit, judged by the last run; at most twice as many, for rows may grow. */
export function nextRowCount(rows: readonly (readonly Cell[])[], limits: ReadLimits): number {
  let bytes = 0;
  for (const row of rows) for (const cell of row) bytes += (cell?.length ?? 0) + 4;
  const fitting = Math.floor((limits.batchBytes * rows.length) / Math.max(1, bytes));
  return Math.max(1, Math.min(limits.batchRows, fitting, rows.length * 2));
}

/** Read after the rows: a sequence is never rolled back, so it is never behind what the rows hold. */
export async function readSequences(context: EngineContext, transaction: Transaction, write: Write): Promise<void> {
  const rows = await transaction.queryRows(context.sql.text("query/sequences"), [context.settings.schemas]);
  if (rows.length === 0) return;
  await write(batchOfRows({ kind: "sequences", table: "", columns: ["schema", "name", "value"] }, rows));
}

/** See DatabaseEngine.trim. */
export async function trim(context: EngineContext, token: PointToken, signal: AbortSignal): Promise<void> {
  await context.connection.transaction({ signal, doing: "trim the journal" }, (transaction) =>
    trimIn(context, transaction, token),
  );
}

export async function trimIn(context: EngineContext, transaction: Transaction, token: PointToken): Promise<void> {
  for (const table of await journalsWithRows(context, transaction)) {
    const { journal } = tableSql(table);
    await transaction.query(context.sql.text("query/trim", { journal }), [token.snapshot]);
  }
  await transaction.query(context.sql.text("query/note-shipped"), [token.point]);
}

/** See DatabaseEngine.readAll. */
export async function readAll(
  context: EngineContext,
  limits: ReadLimits,
  write: Write,
  signal: AbortSignal,
): Promise<void> {
  const options = { signal, doing: "read all tables", isSnapshot: true };
  await context.connection.transaction(options, async (transaction) => {
    for (const [label, table] of journalledTables(context)) {
      const parts = tableSql(table);
      const columns = parts.columns.map((column) => textOf(`t.${quoteIdentifier(column.name)}`, column)).join(", ");
      await transaction.query(context.sql.text("query/all-rows", { table: parts.table, columns }));
      const head = { kind: "rows", table: label, columns: parts.columns.map((column) => column.name) } as const;
      await fetchAll(context, transaction, limits, (rows) => write(batchOfRows(head, rows)));
    }
    await readSequences(context, transaction, write);
  });
}
