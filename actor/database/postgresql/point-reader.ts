import { isKeyless, keyNames, tableLabel } from "../../core/journal-schema.js";
import { batchOfRows, emptyBatch, type BatchHead, type JournalBatch } from "../../core/journal-wire.js";
import type { RangeCheck, RangeSum } from "../../core/verification.js";
import type { PointToken, ReadLimits, ReadPoint } from "../engine.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { journalledTables } from "./context.js";
import { sumRange } from "./ranges.js";
import type { JournalledTable } from "./table-sql.js";
import { journalKey, matchJournal, tableSql } from "./table-sql.js";

type Write = (batch: JournalBatch) => Promise<void>;

/** See DatabaseEngine.readPoint: one snapshot, nothing but local writing while it is open. */
export async function readPoint(
  context: EngineContext,
  point: { readonly point: number; readonly attempt: string },
  checks: readonly RangeCheck[],
  limits: ReadLimits,
  write: Write,
  signal: AbortSignal,
): Promise<ReadPoint> {
  const { connection, sql } = context;
  const options = { signal, doing: "read the journal", isSnapshot: true };
  return connection.transaction(options, async (transaction) => {
    const answer = await transaction.query(sql.text("query/snapshot"));
    const snapshot = answer[0]?.["snapshot"] ?? "";
    for (const journal of await journalsInUse(context, transaction)) {
      await readJournal(context, transaction, journal, limits, write);
    }
    const sums: RangeSum[] = [];
    for (const check of checks) sums.push(await sumRange(context, transaction, check, write));
    await readSequences(context, transaction, write);
    await transaction.query(sql.text("query/note-sending"), [point.point, point.attempt, snapshot]);
    return { token: { ...point, snapshot }, sums };
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

/** A journal that holds something. */
export interface JournalInUse {
  readonly table: JournalledTable;
  readonly isTruncated: boolean;
}

export async function journalsInUse(context: EngineContext, transaction: Transaction): Promise<JournalInUse[]> {
  const tables = [...journalledTables(context).values()];
  if (tables.length === 0) return [];
  const questions = tables.map((table) =>
    context.sql.text("query/journal-in-use", { n: String(table.n), journal: tableSql(table).journal }),
  );
  const rows = await transaction.query(questions.join("\nUNION ALL\n"));
  const inUse = new Map(rows.map((row) => [Number(row["n"]), row["is_truncated"] === "t"]));
  return tables.flatMap((table) => {
    const isTruncated = inUse.get(table.n);
    return isTruncated === undefined ? [] : [{ table, isTruncated }];
  });
}

/** Hands out a table's journalled keys: a truncation first, then what is gone and the rows as they are now. */
export async function readJournal(
  context: EngineContext,
  transaction: Transaction,
  { table, isTruncated }: JournalInUse,
  limits: ReadLimits,
  write: Write,
): Promise<void> {
  const { sql } = context;
  const parts = tableSql(table);
  const { journal, keys } = parts;
  const label = tableLabel(table.definition);
  const first = journalKey(0);
  if (isTruncated) await write(emptyBatch({ kind: "truncated", table: label, columns: [] }));
  const common = { journal, table: parts.table, keyNames: parts.journalKeys, isKey: `${first} IS NOT NULL` };
  const match = matchJournal(keys);
  const journalled = keys.map((_, index) => `j.${journalKey(index)}`).join(", ");
  const gone = isKeyless(table.definition)
    ? sql.text("query/journal-images", { journal })
    : sql.text("query/journal-gone", { ...common, match, keys: journalled });
  await copyOut(transaction, gone, goneHead(table), limits, write);
  const rows = sql.text("query/journal-rows", { ...common, match, columns: parts.copied });
  await copyOut(transaction, rows, rowsHead(table), limits, write);
}

function goneHead({ definition }: JournalledTable): BatchHead {
  return { kind: "gone", table: tableLabel(definition), columns: keyNames(definition) };
}

export function rowsHead(table: JournalledTable): BatchHead {
  const columns = tableSql(table).columns.map((column) => column.name);
  return { kind: "rows", table: tableLabel(table.definition), columns };
}

/** Runs a `COPY … TO STDOUT` whose lines are the batch's rows. */
export async function copyOut(
  transaction: Transaction,
  statement: string,
  head: BatchHead,
  limits: ReadLimits,
  write: Write,
): Promise<void> {
  const pieces = { rows: limits.batchRows, bytes: limits.batchBytes };
  await transaction.copyOut(statement, pieces, (text, rows) => write({ ...head, rows, text }));
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
  const statements = (await journalsInUse(context, transaction)).map(({ table }) =>
    context.sql.text("query/trim", { journal: tableSql(table).journal, snapshot: snapshotLiteral(token.snapshot) }),
  );
  await transaction.script(statements);
  await transaction.query(context.sql.text("query/note-shipped"), [token.point]);
}

/** As the server wrote it (pg_snapshot: xmin:xmax:list); it stands in a text of several statements, which takes no parameters. */
function snapshotLiteral(snapshot: string): string {
  if (!/^\d+:\d+:[\d,]*$/.test(snapshot)) throw new TypeError(`not a snapshot: ${snapshot}`);
  return `'${snapshot}'`;
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
    for (const table of journalledTables(context).values()) {
      const parts = tableSql(table);
      const text = context.sql.text("query/all-rows", { table: parts.table, columns: parts.copied });
      await copyOut(transaction, text, rowsHead(table), limits, write);
    }
    await readSequences(context, transaction, write);
  });
}
