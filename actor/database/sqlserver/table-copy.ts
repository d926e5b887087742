import { AppError, errorCode } from "../../../shared/core/app-error.js";
import { decideReplace, decideWrite, type AppliedState, type PointHeader } from "../../core/journal-position.js";
import { isKeyless, tableLabel, type TableDefinition } from "../../core/journal-schema.js";
import { batchOfRows, type Cell, type JournalBatch } from "../../core/journal-wire.js";
import type { ChunkPlace, CopyChunk, CopyProgress, CopyRequest, NumberedChunk, ReadLimits } from "../engine.js";
import { journalledTable, journalledTables, type JournalledTable } from "../journalled-tables.js";
import { readRun, requireSendable } from "../copy-limits.js";
import { notCopying, refuseUnless, requireCopying } from "../refusals.js";
import { isAwaited, markFor, progressOf, requireAllCopied } from "../copied-tables.js";
import type { Row, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { readRunByImage, type CopiedRun } from "./copy-by-image.js";
import { emptyStepwise, emptyTable } from "./empty-table.js";
import { isOfKind } from "./errors.js";
import { insertRows, insertRowsSingly, keepSequences } from "./point-applier.js";
import { reseedIdentities } from "./identities.js";
import { beyondKey, keyParameters } from "./ranges.js";
import { bytesOf, RunOfRows } from "./run-of-rows.js";
import { createStage, dropStage, fillStage, rowsFor } from "./staging.js";
import { lockedState } from "./state.js";
import { readColumns, readKeys, tableSql } from "./table-sql.js";

/** See DatabaseEngine.beginCopy. The own journals are cleared too: their rows are about to be replaced. */
export async function beginCopy(
  context: EngineContext,
  request: CopyRequest,
  signal: AbortSignal,
): Promise<readonly CopyProgress[]> {
  const options = { signal, doing: "begin the copy", isReplica: true, isLarge: true };
  const labels = request.tables ?? [...journalledTables(context).keys()];
  const tables = labels.map((label) => ({
    label,
    mark: markFor(request, label),
    table: journalledTable(context, label),
  }));
  const begun = await context.connection.transaction(options, (transaction) =>
    takeUp(context, transaction, request, labels),
  );
  for (const { label, table } of tables) {
    if (!begun.has(label)) await emptyStepwise(context, table, request, signal);
  }
  return context.connection.transaction(options, async (transaction) => {
    requireCopying(context, await lockedState(transaction), request);
    const before = await copiedTables(transaction);
    for (const { label, mark, table } of tables) {
      if (before.has(label)) continue;
      await emptyTable(transaction, table);
      await transaction.batch(transaction.text("query/clear-journal", { journal: tableSql(table).journal }));
      await transaction.query(transaction.text("apply/begin-table"), [label, mark]);
    }
    const rows = await copiedTables(transaction);
    return labels.map((label) => progressOf(label, rows.get(label)));
  });
}

/** From here on the target says that it is being copied. Answers the tables whose copy is under way or done. */
async function takeUp(
  context: EngineContext,
  transaction: Transaction,
  request: CopyRequest,
  labels: readonly string[],
): Promise<ReadonlySet<string>> {
  const state = await lockedState(transaction);
  refuseUnless(context, decideWrite(state, request.epoch));
  await transaction.query(transaction.text("apply/raise-epoch"), [request.epoch]);
  await takePosition(context, transaction, request, state.applied);
  const begun = new Set<string>();
  for (const [label, row] of await copiedTables(transaction)) {
    const mark = request.marks[label];
    if (mark === row["mark"]) begun.add(label);
    else if (mark === undefined || labels.includes(label)) {
      await transaction.query(transaction.text("apply/forget-table"), [label]);
    }
  }
  return begun;
}

/** A copy of everything begins at point 0; one of single tables keeps the position it belongs to. */
async function takePosition(
  context: EngineContext,
  transaction: Transaction,
  request: CopyRequest,
  applied: AppliedState | undefined,
): Promise<void> {
  const isSameHistory = applied?.history === request.history;
  if (request.tables) {
    if (!isSameHistory) throw notCopying(context, request.history);
    await transaction.query(transaction.text("apply/resume-copying"), [request.history]);
  } else if (!isSameHistory || applied.stage !== "copying") {
    await transaction.query(transaction.text("apply/start-position"), [request.history, "copying"]);
    await transaction.query(transaction.text("apply/forget-copied"));
  }
}

async function copiedTables(transaction: Transaction): Promise<ReadonlyMap<string, Row>> {
  const rows = await transaction.query(transaction.text("apply/copied"));
  return new Map(rows.map((row) => [row["table_label"] ?? "", row]));
}

/**
 * See DatabaseEngine.readCopyChunk. Each chunk is a transaction of its own, so the chunks do not fit together: what
 * changed between two of them is in the journal, and the first point after the copy puts it right.
 */
export async function readCopyChunk(
  context: EngineContext,
  definition: TableDefinition,
  { after, chunksRead }: ChunkPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): Promise<CopyChunk> {
  const label = tableLabel(definition);
  const table = journalledTable(context, label);
  const readRunOf = isKeyless(definition) ? readRunByImage : readRunByKey;
  const { rows, lastKey } = await readRunOf(context, table, after, limits, signal);
  await countChunk(context, chunksRead, label, signal);
  const columns = tableSql(table).columns.map(({ name }) => name);
  const batch = batchOfRows({ kind: "rows", table: label, columns }, rows);
  requireSendable(context.settings.name, batch, definition.keyColumns);
  return { batch, lastKey };
}

async function readRunByKey(
  context: EngineContext,
  table: JournalledTable,
  after: readonly Cell[] | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): Promise<CopiedRun> {
  const parts = tableSql(table);
  const width = parts.columns.length;
  const run = new RunOfRows(limits.batchBytes);
  const reading = { doing: `copy ${tableLabel(table.definition)}`, isSnapshot: true, isLarge: true };
  await readRun(signal, (within, drop) =>
    context.connection.transaction({ ...reading, signal: within }, (transaction) => {
      const text = transaction.text("query/copy-chunk", {
        table: parts.table,
        columns: `${readColumns("t", parts.columns)}, ${readKeys(parts.keys)}`,
        after: after ? `WHERE ${beyondKey(parts.keys, 0)}` : "",
        order: parts.order,
        count: String(limits.batchRows),
      });
      const take = (row: readonly Cell[]): void => {
        const bytes = bytesOf(row.slice(0, width));
        if (!run.add(row, bytes)) drop(bytes);
      };
      return transaction.stream(text, take, after ? keyParameters(parts.keys, after) : []);
    }),
  );
  const last = !run.isFull && run.rows.length < limits.batchRows ? undefined : run.rows.at(-1);
  return { rows: run.rows, lastKey: last?.slice(width) };
}

/**
 * Only what is read is counted, and by a transaction of its own: a snapshot could not write what others write meanwhile.
 * Its end waits until all that was committed before is on the disk.
 */
async function countChunk(
  { connection, settings }: EngineContext,
  chunksRead: number,
  label: string,
  signal: AbortSignal,
): Promise<void> {
  const [row] = await connection.transaction({ signal, doing: `count a chunk of ${label}` }, (transaction) =>
    transaction.query(transaction.text("query/count-chunk-read"), [chunksRead]),
  );
  if (row?.["counted"] === "1") return;
  const because = "chunks of a copy were read beside this one, or it was restored from a backup";
  throw new AppError("DATABASE_BUSY", `database ${settings.name}: ${because}`);
}

/**
 * See DatabaseEngine.applyCopyChunk. A row that collides with one copied before is left out: one of the two was
 * changed after its reading, hence the later one since the copy began, so it is journalled and the first point brings
 * it. Collisions are rare, so only then are rows written one by one.
 */
export async function applyCopyChunk(
  context: EngineContext,
  header: Pick<PointHeader, "epoch" | "history">,
  chunk: NumberedChunk,
  signal: AbortSignal,
): Promise<CopyProgress> {
  try {
    return await applyChunk(context, header, chunk, insertRows, signal);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (errorCode(error) !== "DATABASE_FAILED" || !isOfKind(cause, "conflict")) throw error;
    return applyChunk(context, header, chunk, insertRowsSingly, signal);
  }
}

async function applyChunk(
  context: EngineContext,
  header: Pick<PointHeader, "epoch" | "history">,
  chunk: NumberedChunk,
  insert: typeof insertRows,
  signal: AbortSignal,
): Promise<CopyProgress> {
  const label = chunk.batch.table;
  const table = journalledTable(context, label);
  const options = { signal, doing: `write copied rows of ${label}`, isReplica: true, isLarge: true };
  return context.connection.transaction(options, async (transaction) => {
    requireCopying(context, await lockedState(transaction), header);
    const [row] = await transaction.query(transaction.text("apply/copied-of-table"), [label]);
    const before = progressOf(label, row);
    // Not the next one: delivered before, or read by a source that has begun anew. The answer says where to go on.
    if (!isAwaited(row, chunk)) return before;
    await insertBatch(transaction, table, chunk.batch, insert);
    const isDone = chunk.lastKey === undefined;
    const count = chunk.batch.rows;
    const lastKey = chunk.lastKey ? JSON.stringify(chunk.lastKey) : null;
    const noted = [label, chunk.number, lastKey, isDone ? 1 : 0, count, chunk.chunksRead];
    await transaction.query(transaction.text("apply/set-copied"), noted);
    return { table: label, chunk: chunk.number, lastKey: chunk.lastKey, isDone, rows: before.rows + count };
  });
}

async function insertBatch(
  transaction: Transaction,
  table: JournalledTable,
  batch: JournalBatch,
  insert: typeof insertRows,
): Promise<void> {
  if (batch.rows === 0) return;
  const { columns } = tableSql(table);
  const stage = await createStage(transaction, table, "rows", columns);
  await fillStage(transaction, stage, rowsFor(columns, batch));
  await insert(transaction, stage);
  await dropStage(transaction, stage);
}

/** See DatabaseEngine.endCopy. */
export async function endCopy(
  context: EngineContext,
  header: Pick<PointHeader, "epoch" | "history">,
  signal: AbortSignal,
): Promise<void> {
  const { connection, settings } = context;
  await connection.transaction({ signal, doing: "end the copy" }, async (transaction) => {
    const state = await lockedState(transaction);
    refuseUnless(context, decideWrite(state, header.epoch));
    const isOver = state.applied?.history === header.history && state.applied.stage !== "copying";
    if (isOver) return;
    const rows = await transaction.query(transaction.text("apply/copied"));
    requireAllCopied(settings.name, journalledTables(context).keys(), rows);
    await transaction.query(transaction.text("apply/end-copy"), [header.history]);
  });
}

/** See DatabaseEngine.replaceAll. */
export async function replaceAll(
  context: EngineContext,
  batches: AsyncIterable<JournalBatch>,
  signal: AbortSignal,
): Promise<void> {
  const options = { signal, doing: "restore", isReplica: true, isLarge: true };
  await context.connection.transaction(options, async (transaction) => {
    const state = await lockedState(transaction);
    refuseUnless(context, decideReplace(state));
    for (const table of journalledTables(context).values()) await emptyTable(transaction, table);
    await transaction.query(transaction.text("apply/forget-position"));
    for await (const batch of batches) {
      if (batch.kind === "sequences") await keepSequences(transaction, batch);
      else await insertBatch(transaction, journalledTable(context, batch.table), batch, insertRows);
    }
    // As at a promotion: rows with the numbers of the backup are there, and the next INSERT would draw one of them.
    await reseedIdentities(context, transaction);
  });
}
