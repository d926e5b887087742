import { z } from "zod";
import { tableLabel, type TableDefinition } from "../../core/journal-schema.js";
import { decideWrite, type PointHeader } from "../../core/journal-position.js";
import { batchOfRows, rowCount, type Cell, type JournalBatch } from "../../core/journal-wire.js";
import { AppError } from "../../../shared/core/app-error.js";
import type { CopyChunk, CopyProgress, ReadLimits } from "../engine.js";
import type { Row, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { journalledTable, journalledTables } from "./context.js";
import { emptyTable, insertRows, keepSequences, refuseUnless } from "./point-applier.js";
import { quoteIdentifier } from "./quote-identifier.js";
import { lockedState } from "./state.js";
import { tableSql, textOf } from "./table-sql.js";

const lastKeyForm = z.array(z.union([z.string(), z.null()]));
const notBegun = { chunk: 0, lastKey: undefined, isDone: false, rows: 0 };

/** See DatabaseEngine.beginCopy. The own journal is cleared too: its rows are about to be replaced. */
export async function beginCopy(
  context: EngineContext,
  history: string,
  epoch: number,
  signal: AbortSignal,
): Promise<readonly CopyProgress[]> {
  const { connection, sql } = context;
  const options = { signal, doing: "begin the copy", isReplica: true };
  return connection.transaction(options, async (transaction) => {
    const state = await lockedState(context, transaction);
    refuseUnless(context, decideWrite(state, epoch));
    await transaction.query(sql.text("apply/raise-epoch"), [epoch]);
    if (state.applied?.history !== history || state.applied.stage !== "copying") {
      await transaction.query(sql.text("apply/start-position"), [history, "copying"]);
      await transaction.query(sql.text("apply/forget-copied"));
      for (const table of journalledTables(context).values()) {
        await emptyTable(context, transaction, table);
        await transaction.query(sql.text("query/clear-journal", { journal: tableSql(table).journal }));
      }
    }
    const rows = await transaction.query(sql.text("apply/copied"));
    const known = new Map(rows.map((row) => [row["table_label"], row]));
    return [...journalledTables(context).keys()].map((label) => progressOf(label, known.get(label)));
  });
}

function progressOf(table: string, row: Row | undefined): CopyProgress {
  if (!row) return { table, ...notBegun };
  const lastKey = row["last_key"];
  return {
    table,
    chunk: Number(row["chunk"]),
    lastKey: typeof lastKey === "string" ? lastKeyForm.parse(JSON.parse(lastKey)) : undefined,
    isDone: row["is_done"] === "t",
    rows: Number(row["copied_rows"]),
  };
}

/**
 * See DatabaseEngine.readCopyChunk. Each chunk is a transaction of its own, so the chunks do not fit together: what
 * changed between two of them is in the journal, and the first point after the copy puts it right.
 */
export async function readCopyChunk(
  context: EngineContext,
  definition: TableDefinition,
  after: readonly Cell[] | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): Promise<CopyChunk> {
  const label = tableLabel(definition);
  const parts = tableSql(journalledTable(context, label));
  const names = parts.keys.map(({ name }) => `t.${quoteIdentifier(name)}`);
  const values = parts.keys.map((column, index) => `$${String(index + 1)}::text::${column.type}`);
  const text = context.sql.text("query/copy-chunk", {
    table: parts.table,
    columns: parts.columns.map((column) => textOf(`t.${quoteIdentifier(column.name)}`, column)).join(", "),
    after: after ? `WHERE (${names.join(", ")}) > (${values.join(", ")})` : "",
    order: names.join(", "),
    count: String(limits.batchRows),
  });
  const rows = await context.connection.transaction({ signal, doing: `copy ${label}` }, (transaction) =>
    transaction.queryRows(text, after ?? []),
  );
  const columns = parts.columns.map(({ name }) => name);
  const last = rows.length < limits.batchRows ? undefined : rows.at(-1);
  return {
    batch: batchOfRows({ kind: "rows", table: label, columns }, rows),
    lastKey: last && parts.keys.map(({ name }) => last[columns.indexOf(name)] ?? null),
  };
}

/**
 * See DatabaseEngine.applyCopyChunk. A row that collides with one copied before is left out: one of the two was
 * changed after its reading, hence the later one since the copy began, so it is journalled and the first point brings
 * it, whatever kind of constraint it was.
 */
export async function applyCopyChunk(
  context: EngineContext,
  header: Pick<PointHeader, "epoch" | "history">,
  chunk: { readonly number: number; readonly lastKey: readonly Cell[] | undefined; readonly batch: JournalBatch },
  signal: AbortSignal,
): Promise<CopyProgress> {
  const { connection, sql } = context;
  const label = chunk.batch.table;
  const table = journalledTable(context, label);
  const options = { signal, doing: `write copied rows of ${label}`, isReplica: true };
  return connection.transaction(options, async (transaction) => {
    await requireCopying(context, transaction, header);
    const before = progressOf(label, (await transaction.query(sql.text("apply/copied-of-table"), [label]))[0]);
    // Not the next one: delivered before, or read by a source that has begun anew. The answer says where to go on.
    if (before.isDone || chunk.number !== before.chunk + 1) return before;
    await insertRows(context, transaction, table, chunk.batch, "ON CONFLICT DO NOTHING");
    const isDone = chunk.lastKey === undefined;
    const rows = rowCount(chunk.batch);
    const lastKey = chunk.lastKey ? JSON.stringify(chunk.lastKey) : null;
    await transaction.query(sql.text("apply/set-copied"), [label, chunk.number, lastKey, isDone, rows]);
    return { table: label, chunk: chunk.number, lastKey: chunk.lastKey, isDone, rows: before.rows + rows };
  });
}

async function requireCopying(
  context: EngineContext,
  transaction: Transaction,
  header: Pick<PointHeader, "epoch" | "history">,
): Promise<void> {
  const state = await lockedState(context, transaction);
  refuseUnless(context, decideWrite(state, header.epoch));
  if (state.applied?.history === header.history && state.applied.stage === "copying") return;
  throw new AppError("OPERATION_REFUSED", `database ${context.settings.name}: no copy of ${header.history} runs here`);
}

/** See DatabaseEngine.endCopy. */
export async function endCopy(
  context: EngineContext,
  header: Pick<PointHeader, "epoch" | "history">,
  signal: AbortSignal,
): Promise<void> {
  const { connection, sql, settings } = context;
  await connection.transaction({ signal, doing: "end the copy" }, async (transaction) => {
    const state = await lockedState(context, transaction);
    refuseUnless(context, decideWrite(state, header.epoch));
    const isOver = state.applied?.history === header.history && state.applied.stage !== "copying";
    if (isOver) return;
    const rows = await transaction.query(sql.text("apply/copied"));
    const done = new Set(rows.filter((row) => row["is_done"] === "t").map((row) => row["table_label"]));
    const missing = [...journalledTables(context).keys()].find((label) => !done.has(label));
    if (missing !== undefined) {
      throw new AppError("OPERATION_REFUSED", `database ${settings.name}: the table ${missing} is not copied yet`);
    }
    await transaction.query(sql.text("apply/end-copy"), [header.history]);
  });
}

/** See DatabaseEngine.replaceAll. */
export async function replaceAll(
  context: EngineContext,
  batches: AsyncIterable<JournalBatch>,
  signal: AbortSignal,
): Promise<void> {
  const { connection, sql } = context;
  await connection.transaction({ signal, doing: "restore", isReplica: true }, async (transaction) => {
    const state = await lockedState(context, transaction);
    refuseUnless(context, decideWrite(state, state.epoch));
    for (const table of journalledTables(context).values()) await emptyTable(context, transaction, table);
    await transaction.query(sql.text("apply/forget-position"));
    for await (const batch of batches) {
      if (batch.kind === "sequences") await keepSequences(context, transaction, batch);
      else await insertRows(context, transaction, journalledTable(context, batch.table), batch, "");
    }
  });
}
