import { decodeCopyLine } from "../../core/copy-text.js";
import { isKeyless, tableLabel, type TableDefinition } from "../../core/journal-schema.js";
import { decideReplace, decideWrite, type AppliedState, type PointHeader } from "../../core/journal-position.js";
import type { Cell, JournalBatch } from "../../core/journal-wire.js";
import type { ChunkPlace, CopyChunk, CopyProgress, CopyRequest, NumberedChunk, ReadLimits } from "../engine.js";
import { journalledTable, journalledTables, type JournalledTable } from "../journalled-tables.js";
import { requireSendable } from "../copy-limits.js";
import { notCopying, refuseUnless, requireCopying } from "../refusals.js";
import { isAwaited, markFor, progressOf, requireAllCopied } from "../copied-tables.js";
import type { Row, Transaction } from "./connection.js";
import { readChunkByPlace } from "./copy-by-place.js";
import type { EngineContext } from "./context.js";
import { isConflict } from "./errors.js";
import { rebuildIndexes, setIndexesAside } from "./index-rebuild.js";
import { readCountedRun } from "./read-counted-run.js";
import { emptyTables, insertion, sequencesKept } from "./point-applier.js";
import { rowsHead } from "./point-reader.js";
import { quoteIdentifier } from "./quote-identifier.js";
import { reseedSequences } from "./sequences.js";
import { lockedState, lockingState } from "./state.js";
import { beside, tableSql, withValues } from "./table-sql.js";

/** A table that is still not copied with its fourth chunk (of 16, 128, 1024 and 8192 rows, where rows are small) is large enough for its indexes to be built afterwards. */
const chunkOfLargeTable = 4;

/** See DatabaseEngine.beginCopy. The own journals are cleared too: their rows are about to be replaced. */
export async function beginCopy(
  context: EngineContext,
  request: CopyRequest,
  signal: AbortSignal,
): Promise<readonly CopyProgress[]> {
  const { connection, sql } = context;
  const options = { signal, doing: "begin the copy", isReplica: true, opening: lockingState(context) };
  return connection.transaction(options, async (transaction) => {
    const state = lockedState(transaction);
    refuseUnless(context, decideWrite(state, request.epoch));
    await transaction.query(sql.text("apply/raise-epoch"), [request.epoch]);
    await takePosition(context, transaction, request, state.applied);
    const before = await copiedTables(context, transaction);
    const labels = request.tables ?? [...journalledTables(context).keys()];
    const fresh = labels.filter((label) => before.get(label)?.["mark"] !== markFor(request, label));
    const tables = fresh.map((label) => journalledTable(context, label));
    await emptyTables(context, transaction, tables);
    for (const table of tables) {
      const label = tableLabel(table.definition);
      await transaction.query(sql.text("query/clear-journal", { journal: tableSql(table).journal }));
      await transaction.query(sql.text("apply/begin-table"), [label, markFor(request, label)]);
    }
    await transaction.query(sql.text("apply/forget-others"), [Object.keys(request.marks)]);
    const rows = await copiedTables(context, transaction);
    return labels.map((label) => progressOf(label, rows.get(label)));
  });
}

/** A copy of everything begins at point 0; one of single tables keeps the position it belongs to. */
async function takePosition(
  context: EngineContext,
  transaction: Transaction,
  request: CopyRequest,
  applied: AppliedState | undefined,
): Promise<void> {
  const { sql } = context;
  const isSameHistory = applied?.history === request.history;
  if (request.tables) {
    if (!isSameHistory) throw notCopying(context, request.history);
    await transaction.query(sql.text("apply/resume-copying"), [request.history]);
  } else if (!isSameHistory || applied.stage !== "copying") {
    await transaction.query(sql.text("apply/start-position"), [request.history, "copying"]);
    await transaction.query(sql.text("apply/forget-copied"));
  }
}

async function copiedTables({ sql }: EngineContext, transaction: Transaction): Promise<ReadonlyMap<string, Row>> {
  const rows = await transaction.query(sql.text("apply/copied"));
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
  if (isKeyless(definition)) return readChunkByPlace(context, table, { after, chunksRead }, limits, signal);
  const parts = tableSql(table);
  const template = context.sql.text("query/copy-chunk", {
    table: parts.table,
    columns: parts.copied,
    after: after ? `WHERE ${beside(parts.keys, "behind")}` : "",
    order: parts.order,
    count: String(limits.batchRows),
  });
  const text = withValues(template, after ?? []);
  const run = await readCountedRun(context, { text, doing: `copy ${label}`, chunksRead }, limits, signal);
  const whole = { ...rowsHead(table), rows: run.rows, text: run.text() };
  requireSendable(context.settings.name, whole, definition.keyColumns);
  const isEnded = !run.isFull && run.rows < limits.batchRows;
  return keyedChunk(whole, definition, isEnded);
}

function keyedChunk(batch: JournalBatch, definition: TableDefinition, isEnded: boolean): CopyChunk {
  if (isEnded) return { batch, lastKey: undefined };
  const last = lastLine(batch.text);
  return { batch, lastKey: definition.keyColumns.map((name) => last[batch.columns.indexOf(name)] ?? null) };
}

function lastLine(text: Buffer): readonly Cell[] {
  const start = text.lastIndexOf("\n", text.length - 2) + 1;
  return decodeCopyLine(text.subarray(start, text.length - 1).toString("utf8"));
}

/**
 * See DatabaseEngine.applyCopyChunk. A row that collides with one copied before is left out: one of the two was
 * changed after its reading, hence the later one since the copy began, so it is journalled and the first point brings
 * it, whatever kind of constraint it was.
 */
export async function applyCopyChunk(
  context: EngineContext,
  header: Pick<PointHeader, "epoch" | "history">,
  chunk: NumberedChunk,
  signal: AbortSignal,
): Promise<CopyProgress> {
  const { connection, sql } = context;
  const label = chunk.batch.table;
  const table = journalledTable(context, label);
  const doing = `write copied rows of ${label}`;
  // Rows and progress are undone together, and the answer to the next chunk says where to go on; the end waits for the disk.
  const options = { signal, doing, isReplica: true, isLossBearable: true, opening: lockingState(context) };
  return connection.transaction(options, async (transaction) => {
    requireCopying(context, lockedState(transaction), header);
    const [row] = await transaction.query(sql.text("apply/copied-of-table"), [label]);
    const before = progressOf(label, row);
    // Not the next one: delivered before, or read by a source that has begun anew. The answer says where to go on.
    if (!isAwaited(row, chunk)) return before;
    const isLarge = chunk.number === chunkOfLargeTable && chunk.lastKey !== undefined;
    // Only once: what was built again because the copy was cut off stays.
    if (isLarge && context.canCopyIn) await setIndexesAside(context, transaction, table.definition);
    await writeChunk(context, transaction, table, chunk.batch);
    const isDone = chunk.lastKey === undefined;
    const { rows } = chunk.batch;
    const lastKey = chunk.lastKey ? JSON.stringify(chunk.lastKey) : null;
    await transaction.query(sql.text("apply/set-copied"), [
      label,
      chunk.number,
      lastKey,
      isDone,
      rows,
      chunk.chunksRead,
    ]);
    return { table: label, chunk: chunk.number, lastKey: chunk.lastKey, isDone, rows: before.rows + rows };
  });
}

/** As COPY where the server takes it; a row that collides makes it fail, and then all are written one way around it. */
async function writeChunk(
  context: EngineContext,
  transaction: Transaction,
  table: JournalledTable,
  batch: JournalBatch,
): Promise<void> {
  const { sql } = context;
  const parts = tableSql(table);
  if (batch.rows === 0) return;
  if (context.canCopyIn) {
    const columns = batch.columns.map(quoteIdentifier).join(", ");
    await transaction.query("SAVEPOINT sparesync_chunk");
    try {
      await transaction.copyIn(sql.text("apply/copy-in", { table: parts.table, columns }), [batch.text]);
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
      await transaction.query("ROLLBACK TO SAVEPOINT sparesync_chunk");
    }
  }
  await transaction.pipeline([insertion(context, table, batch, "ON CONFLICT DO NOTHING")]);
}

/** See DatabaseEngine.endCopy. */
export async function endCopy(
  context: EngineContext,
  header: Pick<PointHeader, "epoch" | "history">,
  signal: AbortSignal,
): Promise<void> {
  const { connection, sql, settings } = context;
  await rebuildIndexes(context, signal);
  await connection.transaction(
    { signal, doing: "end the copy", opening: lockingState(context) },
    async (transaction) => {
      const state = lockedState(transaction);
      refuseUnless(context, decideWrite(state, header.epoch));
      const isOver = state.applied?.history === header.history && state.applied.stage !== "copying";
      if (isOver) return;
      const rows = await transaction.query(sql.text("apply/copied"));
      requireAllCopied(settings.name, journalledTables(context).keys(), rows);
      await transaction.query(sql.text("apply/end-copy"), [header.history]);
      // Its own work is not what a person does to a table.
      await transaction.query(sql.text("apply/forget-files"));
      await transaction.query(sql.text("install/note-rewritten"), [context.newId(), null]);
    },
  );
}

/** See DatabaseEngine.replaceAll. */
export async function replaceAll(
  context: EngineContext,
  batches: AsyncIterable<JournalBatch>,
  signal: AbortSignal,
): Promise<void> {
  const { connection, sql } = context;
  await connection.transaction(
    { signal, doing: "restore", isReplica: true, opening: lockingState(context) },
    async (transaction) => {
      const state = lockedState(transaction);
      refuseUnless(context, decideReplace(state));
      await emptyTables(context, transaction, [...journalledTables(context).values()]);
      await transaction.query(sql.text("apply/forget-position"));
      for await (const batch of batches) {
        const statement =
          batch.kind === "sequences"
            ? sequencesKept(context, batch)
            : insertion(context, journalledTable(context, batch.table), batch, "");
        await transaction.pipeline([statement]);
      }
      // As at a promotion: rows with the numbers of the backup are there, and the next INSERT would draw one of them.
      await reseedSequences(context, transaction);
    },
  );
}
