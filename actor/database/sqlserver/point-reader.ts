import { AppError } from "../../../shared/core/app-error.js";
import { isKeyless, keyNames, tableLabel } from "../../core/journal-schema.js";
import type { Cell, JournalBatch } from "../../core/journal-wire.js";
import { batchOfRows } from "../../core/journal-wire.js";
import type { RangeSum } from "../../core/verification.js";
import type { PointRequest, PointToken, ReadLimits, ReadPoint } from "../engine.js";
import { journalledTables, type JournalledTable } from "../journalled-tables.js";
import { requireFollowing } from "../refusals.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { schemaParameters } from "./context.js";
import { quoteIdentifier } from "./quote-identifier.js";
import { sumRange } from "./ranges.js";
import { stateIn } from "./state.js";
import { journalKey, matchJournal, readColumns, tableSql } from "./table-sql.js";

type Write = (batch: JournalBatch) => Promise<void>;

/**
 * See DatabaseEngine.readPoint. `low` is asked before the snapshot begins: whatever lies below it belongs to
 * transactions that were over, so the snapshot saw it all; of what is younger, it notes exactly what it saw.
 */
export async function readPoint(
  context: EngineContext,
  { point, attempt, checks, isSentEmpty, follows }: PointRequest,
  limits: ReadLimits,
  write: Write,
  signal: AbortSignal,
): Promise<ReadPoint | undefined> {
  const { connection } = context;
  const low = await connection.transaction({ signal, doing: "ask for the oldest transaction" }, lowestActive);
  const options = { signal, doing: "read the journal", isSnapshot: true, isLarge: true };
  return connection.transaction(options, async (transaction) => {
    if (checks.length > 0) requireSnapshot(context, transaction);
    if (follows) {
      const { history, shippedPoint } = await stateIn(transaction);
      requireFollowing(context, follows, history, shippedPoint);
    }
    const tables = await journalsWithRows(context, transaction);
    if (tables.length === 0 && !isSentEmpty) return undefined;
    await transaction.query(transaction.text("query/forget-seen"));
    const readable = readableBelow(transaction, low);
    for (const table of tables) {
      await readJournal(transaction, table, readable, limits, write);
      if (transaction.server.isSnapshotAllowed) await noteSeen(transaction, table, attempt, low);
    }
    const sums: RangeSum[] = [];
    for (const check of checks) sums.push(await sumRange(context, transaction, check, write));
    await readSequences(context, transaction, write);
    await transaction.query(transaction.text("query/note-sending"), [point, attempt, low]);
    return { token: { point, attempt, snapshot: low }, sums };
  });
}

/** What is summed as it is committed has rows that the point leaves out: each of them would look like a difference. */
function requireSnapshot({ settings }: EngineContext, transaction: Transaction): void {
  if (transaction.server.isSnapshotAllowed) return;
  const because = "rows can be compared only as of one moment, and the database does not allow snapshots";
  const name = quoteIdentifier(settings.database);
  const hint = `Let an administrator run: ALTER DATABASE ${name} SET ALLOW_SNAPSHOT_ISOLATION ON.`;
  throw new AppError("DATABASE_UNSUPPORTED", `database ${settings.name}: ${because}`, { hint });
}

async function lowestActive(transaction: Transaction): Promise<string> {
  return (await transaction.query(transaction.text("query/lowest-active")))[0]?.["low"] ?? "0";
}

/** A bound as the journal's order compares it. */
function lowLiteral(transaction: Transaction, low: string): string {
  if (!/^\d+$/.test(low)) throw new TypeError(`not a bound of a journal: ${low}`);
  const number = `CAST(${low} AS bigint)`;
  return transaction.server.flavour === "babelfish" ? number : `CAST(${number} AS binary(8))`;
}

/** Without a snapshot only what is surely over may be read; the rest waits for the next point. */
function readableBelow(transaction: Transaction, low: string): string {
  return transaction.server.isSnapshotAllowed ? "" : ` AND rv < ${lowLiteral(transaction, low)}`;
}

async function noteSeen(transaction: Transaction, table: JournalledTable, attempt: string, low: string): Promise<void> {
  const parts = { n: String(table.n), journal: tableSql(table).journal, low: lowLiteral(transaction, low) };
  await transaction.query(transaction.text("query/note-seen", parts), [attempt]);
}

/** Number of journal rows by table, each counted up to `limit`. */
export async function pendingByTable(
  context: EngineContext,
  transaction: Transaction,
  limit: number,
): Promise<ReadonlyMap<number, number>> {
  const questions = [...journalledTables(context).values()].map((table) =>
    transaction.text("query/pending-of-table", { n: String(table.n), journal: tableSql(table).journal }),
  );
  if (questions.length === 0) return new Map();
  const rows = await transaction.query(questions.join("\nUNION ALL\n"), [limit]);
  return new Map(rows.map((row) => [Number(row["n"]), Number(row["pending"])]));
}

export async function journalsWithRows(context: EngineContext, transaction: Transaction): Promise<JournalledTable[]> {
  const pending = await pendingByTable(context, transaction, 1);
  return [...journalledTables(context).values()].filter((table) => (pending.get(table.n) ?? 0) > 0);
}

/**
 * Hands out a table's journalled keys: those without a row, and rows as they are now. No trigger sees TRUNCATE here, and who
 * may write to the database may write into its journal: a key that is NULL says nothing (decision 0044).
 */
export async function readJournal(
  transaction: Transaction,
  table: JournalledTable,
  readable: string,
  limits: ReadLimits,
  write: Write,
): Promise<void> {
  const parts = tableSql(table);
  const label = tableLabel(table.definition);
  const { journal } = parts;
  const { keys } = parts;
  const keyHead = { kind: "gone", table: label, columns: keyNames(table.definition) } as const;
  const rowHead = { kind: "rows", table: label, columns: parts.columns.map((column) => column.name) } as const;
  const common = { journal, readable, table: parts.table, keyNames: parts.journalKeys, match: matchJournal(keys) };
  const journalled = keys.map((part, index) => part.transport.read(`j.${journalKey(index)}`)).join(", ");
  if (isKeyless(table.definition)) {
    const images = transaction.text("query/readable-images", { journal, readable });
    await streamInRuns(transaction, images, limits, (rows) => write(batchOfRows(keyHead, rows)));
  }
  const text = transaction.text("query/readable-rows", {
    ...common,
    keys: journalled,
    isGone: `${keys[0]?.of("t") ?? ""} IS NULL`,
    join: isKeyless(table.definition) ? "JOIN" : "LEFT JOIN",
    columns: readColumns("t", parts.columns),
  });
  await streamInRuns(transaction, text, limits, async (rows) => {
    const gone = rows.filter((row) => row[0] !== null);
    const present = rows.filter((row) => row[0] === null);
    if (gone.length > 0) await write(batchOfRows(keyHead, gone, 1));
    if (present.length > 0) await write(batchOfRows(rowHead, present, 1 + keys.length));
  });
}

/** Reads all rows of a statement and hands them out in runs of at most `batchRows` rows and about `batchBytes`. */
async function streamInRuns(
  transaction: Transaction,
  text: string,
  limits: ReadLimits,
  take: (rows: readonly (readonly Cell[])[]) => Promise<void>,
): Promise<void> {
  let run: (readonly Cell[])[] = [];
  let bytes = 0;
  await transaction.stream(text, (row) => {
    run.push(row);
    for (const cell of row) bytes += (cell?.length ?? 0) + 4;
    if (run.length < limits.batchRows && bytes < limits.batchBytes) return undefined;
    const full = run;
    run = [];
    bytes = 0;
    return take(full);
  });
  if (run.length > 0) await take(run);
}

/** Read after the rows: a sequence is never rolled back, so it is never behind what the rows hold. */
export async function readSequences(context: EngineContext, transaction: Transaction, write: Write): Promise<void> {
  const { parts, values } = schemaParameters(context);
  const sequenceObjects = transaction.server.hasSequences
    ? `\n${transaction.text("query/sequence-objects", parts)}`
    : "";
  const rows = await transaction.queryRows(
    transaction.text("query/identity-values", { ...parts, sequenceObjects }),
    values,
  );
  // All in one batch, also of none: the target forgets those that are not in it.
  await write(batchOfRows({ kind: "sequences", table: "", columns: ["schema", "name", "value"] }, rows));
}

/** See DatabaseEngine.readSequences. */
export async function lookAtSequences(context: EngineContext, write: Write, signal: AbortSignal): Promise<void> {
  await context.connection.transaction({ signal, doing: "look at the sequences" }, (transaction) =>
    readSequences(context, transaction, write),
  );
}

/** See DatabaseEngine.trim. */
export async function trim(context: EngineContext, token: PointToken, signal: AbortSignal): Promise<void> {
  const { connection } = context;
  // The old rows go few at a time: to delete them twice does no harm, and a long transaction would.
  await connection.transaction({ signal, doing: "trim the journal", isAutocommit: true }, async (transaction) => {
    const low = lowLiteral(transaction, token.snapshot);
    for (const table of await journalsWithRows(context, transaction)) {
      const { journal } = tableSql(table);
      await transaction.batch(transaction.text("query/trim-old", { journal, low }));
    }
  });
  await connection.transaction({ signal, doing: "note the point as shipped" }, (transaction) =>
    trimYoung(context, transaction, token),
  );
}

async function trimYoung(context: EngineContext, transaction: Transaction, token: PointToken): Promise<void> {
  const tables = [...journalledTables(context).values()];
  for (const row of await transaction.query(transaction.text("query/seen-tables"), [token.attempt])) {
    const table = tables.find(({ n }) => n === Number(row["n"]));
    if (!table) continue;
    const parts = { n: String(table.n), journal: tableSql(table).journal };
    await transaction.query(transaction.text("query/trim-seen", parts), [token.attempt]);
  }
  await transaction.query(transaction.text("query/forget-seen"));
  await transaction.query(transaction.text("query/note-shipped"), [token.point]);
}

/** See DatabaseEngine.readAll. */
export async function readAll(
  context: EngineContext,
  limits: ReadLimits,
  write: Write,
  signal: AbortSignal,
): Promise<void> {
  const options = { signal, doing: "read all tables", isSnapshot: true, isLarge: true };
  await context.connection.transaction(options, async (transaction) => {
    for (const [label, table] of journalledTables(context)) {
      const parts = tableSql(table);
      const columns = readColumns("t", parts.columns);
      const head = { kind: "rows", table: label, columns: parts.columns.map((column) => column.name) } as const;
      const text = transaction.text("query/all-rows", { table: parts.table, columns });
      await streamInRuns(transaction, text, limits, (rows) => write(batchOfRows(head, rows)));
    }
    await readSequences(context, transaction, write);
  });
}
