import pg from "pg";
import { isKeyless, keyNames, tableLabel } from "../../core/journal-schema.js";
import { emptyBatch, type BatchHead, type JournalBatch } from "../../core/journal-wire.js";
import type { RangeSum } from "../../core/verification.js";
import type { PointRequest, PointToken, ReadLimits, ReadPoint } from "../engine.js";
import { journalledTable, journalledTables, type JournalledTable } from "../journalled-tables.js";
import { requireFollowing } from "../refusals.js";
import type { CopyOutStatement, Row, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { sumRange } from "./ranges.js";
import { lockingFirst, refuseStoredAnew, storedAnewCopy } from "./stored-anew.js";
import { journalKey, matchJournal, tableSql, withValues } from "./table-sql.js";

/** For a database without tables: COPY and UNION ALL need a question. */
const noJournals = "SELECT NULL::integer AS n, false AS is_truncated, false AS is_large WHERE false";

/** A server that looks for what is gone in a large table says nothing until it finds some. */
const longestSilenceMs = 3_600_000;

/** Looking up one key costs as much as reading so many rows one after the other. */
const rowsReadForOneLookup = 40;

type Write = (batch: JournalBatch) => Promise<void>;

/**
 * See DatabaseEngine.readPoint: one snapshot, nothing but local writing while it is open. Two messages, whatever the
 * number of tables: which journals hold something, and all that is to be read of them with the end of the transaction.
 * Some more where a journal names much of its table.
 */
export async function readPoint(
  context: EngineContext,
  request: PointRequest,
  limits: ReadLimits,
  write: Write,
  signal: AbortSignal,
): Promise<ReadPoint | undefined> {
  const { connection, sql } = context;
  const { point, attempt } = request;
  const opening = [sql.text("query/waiting", { journals: journalsQuestion(context) })];
  const lock = lockingFirst(context);
  const common = { signal, doing: "read the journal", isSnapshot: true, opening, limitMs: longestSilenceMs };
  const anew: string[] = [];
  const read = await connection.transaction({ ...common, ...lock }, async (transaction) => {
    const [first = {}] = transaction.opened;
    const snapshot = first["snapshot"] ?? "";
    requireFollowing(context, request.follows, first["history"] ?? "", Number(first["shipped_point"]));
    const inUse = journalsAmong(context, transaction.opened);
    if (inUse.length === 0 && !request.isSentEmpty) return undefined;
    for (const journal of inUse) await writeTruncation(journal, write);
    const scanned = await readByScan(context, transaction, inUse, limits, write);
    const left = inUse.filter((journal) => !scanned.includes(journal));
    const copies = left.flatMap((journal) => journalCopies(context, journal, limits, write));
    const sums: RangeSum[] = [];
    for (const check of request.checks) sums.push(await sumRange(context, transaction, check, write));
    const checked = request.checks.map(({ table }) => journalledTable(context, table));
    copies.push(...storedAnewCopy(context, [...inUse.map(({ table }) => table), ...checked], anew));
    copies.push(sequencesCopy(context, limits, write));
    const noted = withValues(sql.text("query/note-sending"), [point, attempt, snapshot]);
    await transaction.copyOut(copies, [noted], true);
    return { token: { point, attempt, snapshot, journals: inUse.map(({ table }) => table.n) }, sums };
  });
  refuseStoredAnew(context, anew);
  return read;
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
  /** Much may wait in it. */
  readonly isLarge: boolean;
}

export async function journalsInUse(context: EngineContext, transaction: Transaction): Promise<JournalInUse[]> {
  return journalsAmong(context, await transaction.query(journalsQuestion(context)));
}

/** The question which journals hold something; each line of it sees one journal. */
function journalsQuestion(context: EngineContext): string {
  const questions = [...journalledTables(context).values()].map((table) =>
    context.sql.text("query/journal-in-use", { n: String(table.n), journal: tableSql(table).journal }),
  );
  return questions.length === 0 ? noJournals : questions.join("\nUNION ALL\n");
}

function journalsAmong(context: EngineContext, rows: readonly Row[]): JournalInUse[] {
  const inUse = new Map(rows.map((row) => [row["n"] ?? "", row]));
  return [...journalledTables(context).values()].flatMap((table) => {
    const row = inUse.get(String(table.n));
    return row ? [{ table, isTruncated: row["is_truncated"] === "t", isLarge: row["is_large"] === "t" }] : [];
  });
}

/** A journal of which to read the whole table costs less than to look up every key. */
interface JournalToScan {
  readonly journal: JournalInUse;
  /** Also to find those that are gone. */
  readonly isScannedForGone: boolean;
}

async function journalsToScan(
  { sql }: EngineContext,
  transaction: Transaction,
  inUse: readonly JournalInUse[],
): Promise<readonly JournalToScan[]> {
  const large = inUse.filter(({ table, isLarge }) => isLarge && !isKeyless(table.definition));
  const questions = large.map(({ table }) => {
    const { journal, table: name } = tableSql(table);
    return sql.text("query/rows-to-read", { n: String(table.n), journal, table: pg.escapeLiteral(name) });
  });
  if (questions.length === 0) return [];
  const rows = new Map((await transaction.query(questions.join("\nUNION ALL\n"))).map((row) => [row["n"] ?? "", row]));
  return large.flatMap((journal) => {
    const row = rows.get(String(journal.table.n)) ?? {};
    const isCheaper = (keys: string): boolean => Number(row[keys]) * rowsReadForOneLookup >= Number(row["table_rows"]);
    return isCheaper("journalled") ? [{ journal, isScannedForGone: isCheaper("may_be_gone") }] : [];
  });
}

/**
 * Reads the journals that name much of their table, and returns them. The server has no statistics of a journal and takes
 * it for some two hundred keys, so it would look each of them up, however many there are.
 */
async function readByScan(
  context: EngineContext,
  transaction: Transaction,
  inUse: readonly JournalInUse[],
  limits: ReadLimits,
  write: Write,
): Promise<readonly JournalInUse[]> {
  const scanned = await journalsToScan(context, transaction, inUse);
  for (const { journal, isScannedForGone } of scanned) {
    const [gone, rows] = journalCopies(context, journal, limits, write);
    if (!isScannedForGone) await transaction.copyOut([gone]);
    await transaction.script(["SET LOCAL enable_nestloop = off"]);
    await transaction.copyOut(isScannedForGone ? [gone, rows] : [rows]);
    await transaction.script(["SET LOCAL enable_nestloop = DEFAULT"]);
  }
  return scanned.map(({ journal }) => journal);
}

/** Hands out a table's journalled keys: a truncation first, then what is gone and the rows as they are now. */
export async function readJournal(
  context: EngineContext,
  transaction: Transaction,
  journal: JournalInUse,
  limits: ReadLimits,
  write: Write,
): Promise<void> {
  await writeTruncation(journal, write);
  await transaction.copyOut(journalCopies(context, journal, limits, write));
}

async function writeTruncation({ table, isTruncated }: JournalInUse, write: Write): Promise<void> {
  if (isTruncated) await write(emptyBatch({ kind: "truncated", table: tableLabel(table.definition), columns: [] }));
}

function journalCopies(
  { sql }: EngineContext,
  { table }: JournalInUse,
  limits: ReadLimits,
  write: Write,
): readonly [gone: CopyOutStatement, rows: CopyOutStatement] {
  const parts = tableSql(table);
  const { journal, keys } = parts;
  const isKey = `${journalKey(0)} IS NOT NULL`;
  const common = { journal, table: parts.table, keyNames: parts.journalKeys, isKey };
  const match = matchJournal(keys);
  const journalled = keys.map((_, index) => `j.${journalKey(index)}`).join(", ");
  const gone = isKeyless(table.definition)
    ? sql.text("query/journal-images", { journal })
    : sql.text("query/journal-gone", { ...common, match, keys: journalled });
  const rows = sql.text("query/journal-rows", { ...common, match, columns: parts.copied });
  return [copyInto(gone, goneHead(table), limits, write), copyInto(rows, rowsHead(table), limits, write)];
}

function goneHead({ definition }: JournalledTable): BatchHead {
  return { kind: "gone", table: tableLabel(definition), columns: keyNames(definition) };
}

export function rowsHead(table: JournalledTable): BatchHead {
  const columns = tableSql(table).columns.map((column) => column.name);
  return { kind: "rows", table: tableLabel(table.definition), columns };
}

/** A `COPY … TO STDOUT` whose lines are the batch's rows. */
function copyInto(text: string, head: BatchHead, limits: ReadLimits, write: Write): CopyOutStatement {
  const pieces = { rows: limits.batchRows, bytes: limits.batchBytes };
  return { text, limits: pieces, take: (lines, rows) => write({ ...head, rows, text: lines }) };
}

/** To be read after the rows: a sequence is never rolled back, so it is never behind what the rows hold. */
function sequencesCopy({ sql, settings }: EngineContext, limits: ReadLimits, write: Write): CopyOutStatement {
  const text = withValues(sql.text("query/sequences"), [settings.schemas]);
  return copyInto(text, { kind: "sequences", table: "", columns: ["schema", "name", "value"] }, limits, write);
}

/** See DatabaseEngine.readSequences. */
export async function readSequences(
  context: EngineContext,
  limits: ReadLimits,
  write: Write,
  signal: AbortSignal,
): Promise<void> {
  const options = { signal, doing: "look at the sequences" };
  await context.connection.transaction(options, (transaction) =>
    transaction.copyOut([sequencesCopy(context, limits, write)], [], true),
  );
}

/** See DatabaseEngine.trim. One message, when it is known which journals the point was read from. */
export async function trim(context: EngineContext, token: PointToken, signal: AbortSignal): Promise<void> {
  const { connection } = context;
  // A trim that a crash undoes is done again: the point stays noted as sent, and the target says that it was applied.
  const options = { signal, doing: "trim the journal", isLossBearable: true };
  const { journals } = token;
  if (journals) {
    const tables = [...journalledTables(context).values()].filter(({ n }) => journals.includes(n));
    await connection.runScript(options, trimStatements(context, tables, token));
  } else {
    await connection.transaction(options, (transaction) => trimIn(context, transaction, token));
  }
}

export async function trimIn(context: EngineContext, transaction: Transaction, token: PointToken): Promise<void> {
  const tables = (await journalsInUse(context, transaction)).map(({ table }) => table);
  await transaction.script(trimStatements(context, tables, token));
}

function trimStatements(
  { sql }: EngineContext,
  tables: readonly JournalledTable[],
  token: PointToken,
): readonly string[] {
  const snapshot = snapshotLiteral(token.snapshot);
  const deletes = tables.map((table) => sql.text("query/trim", { journal: tableSql(table).journal, snapshot }));
  return [...deletes, withValues(sql.text("query/note-shipped"), [token.point])];
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
  const lock = lockingFirst(context);
  const options = { signal, doing: "read all tables", isSnapshot: true, limitMs: longestSilenceMs, ...lock };
  const anew: string[] = [];
  await context.connection.transaction(options, async (transaction) => {
    const tables = [...journalledTables(context).values()];
    const copies = tables.map((table) => {
      const parts = tableSql(table);
      const text = context.sql.text("query/all-rows", { table: parts.table, columns: parts.copied });
      return copyInto(text, rowsHead(table), limits, write);
    });
    copies.push(...storedAnewCopy(context, tables, anew));
    await transaction.copyOut([...copies, sequencesCopy(context, limits, write)]);
  });
  refuseStoredAnew(context, anew);
}
