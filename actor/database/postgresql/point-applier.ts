import { AppError } from "../../../shared/core/app-error.js";
import type { ApplyDecision } from "../../core/journal-position.js";
import { decideApply } from "../../core/journal-position.js";
import { isKeyless, keyNames } from "../../core/journal-schema.js";
import { keysOf, rowsOf, type Cell, type JournalBatch } from "../../core/journal-wire.js";
import type { ApplyResult, StagedPoint } from "../engine.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { journalledTable } from "./context.js";
import { isConflict, isTruncateRefused } from "./errors.js";
import { quoteIdentifier } from "./quote-identifier.js";
import { compareRangesIn } from "./ranges.js";
import { lockedState } from "./state.js";
import type { JournalledTable } from "./table-sql.js";
import { arraysFor, matchJournal, tableSql, unnestSql } from "./table-sql.js";

/** See DatabaseEngine.applyPoint: rows and position in one transaction. */
export async function applyPoint(
  context: EngineContext,
  point: StagedPoint,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const { connection, sql } = context;
  const options = { signal, doing: `apply point ${String(point.point)}`, isReplica: true };
  return connection.transaction(options, async (transaction) => {
    const decision = decideApply(await lockedState(context, transaction), point);
    if (decision.kind === "already-applied") return { outcome: "already-applied", answers: [] };
    refuseUnless(context, decision);
    await transaction.query(sql.text("apply/raise-epoch"), [point.epoch]);
    await applyBatches(context, transaction, point.batches);
    const position = [point.history, point.point, point.attempt, point.completeUpToMs];
    await transaction.query(sql.text("apply/set-position"), position);
    const answers = await compareRangesIn(context, transaction, point.ranges, (range) => hashesIn(point, range.table));
    return { outcome: "applied", answers };
  });
}

/** The hashes that came with the point, of one table: at most one range of it is detailed. */
async function hashesIn(point: StagedPoint, table: string): Promise<readonly (readonly Cell[])[]> {
  const rows: (readonly Cell[])[] = [];
  for await (const batch of point.batches()) {
    if (batch.kind === "hashes" && batch.table === table) rows.push(...rowsOf(batch));
  }
  return rows;
}

/** Turns a refusal into what the peer is told. */
export function refuseUnless(context: EngineContext, decision: ApplyDecision): void {
  if (decision.kind !== "refuse") return;
  throw new AppError(decision.code, `database ${context.settings.name}: ${decision.because}`);
}

/**
 * All that goes goes first, then all that is there is written over. Two rows may have swapped a unique value: then a
 * row in the way makes the statement fail, and every touched row is deleted before any is written. What is left is the
 * same on both sides, so no constraint of the source's state can be in the way then.
 */
async function applyBatches(
  context: EngineContext,
  transaction: Transaction,
  batches: () => AsyncIterable<JournalBatch>,
): Promise<void> {
  const truncated: JournalledTable[] = [];
  for await (const batch of batches()) {
    if (batch.kind === "truncated") truncated.push(journalledTable(context, batch.table));
  }
  await emptyTables(context, transaction, truncated);
  await transaction.query("SAVEPOINT sparesync_apply");
  try {
    await deleteThenWrite(context, transaction, batches, false);
  } catch (error) {
    if (!isConflict(error)) throw error;
    await transaction.query("ROLLBACK TO SAVEPOINT sparesync_apply");
    await deleteThenWrite(context, transaction, batches, true);
  }
}

async function deleteThenWrite(
  context: EngineContext,
  transaction: Transaction,
  batches: () => AsyncIterable<JournalBatch>,
  isEveryRowDeleted: boolean,
): Promise<void> {
  for await (const batch of batches()) {
    if (batch.kind !== "gone" && batch.kind !== "rows") continue;
    const table = journalledTable(context, batch.table);
    // Every image of a table without a key that was touched comes as "gone".
    if (batch.kind === "rows" && isKeyless(table.definition)) continue;
    if (batch.kind === "gone" || isEveryRowDeleted || !canBeWrittenOver(table)) {
      await deleteRows(context, transaction, table, keysOf(batch, keyNames(table.definition)));
    }
  }
  for await (const batch of batches()) {
    if (batch.kind === "rows") {
      const table = journalledTable(context, batch.table);
      const isFree = isEveryRowDeleted || !canBeWrittenOver(table);
      await insertRows(context, transaction, table, batch, isFree ? "" : overwrite(table));
    }
    if (batch.kind === "sequences") await keepSequences(context, transaction, batch);
  }
}

/** An identity column GENERATED ALWAYS cannot be updated to a value; as a key it need not be, for it is equal. */
function canBeWrittenOver({ definition }: JournalledTable): boolean {
  if (isKeyless(definition)) return false;
  return definition.columns.every(
    (column) => column.identity !== "always" || definition.keyColumns.includes(column.name),
  );
}

/** Keys are set as well: equal keys can differ in their text (1.0 and 1.00, or case under some collations). */
function overwrite(table: JournalledTable): string {
  const parts = tableSql(table);
  const settable = parts.columns.filter((column) => column.identity !== "always");
  const sets = settable.map(({ name }) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`);
  const action = sets.length === 0 ? "DO NOTHING" : `DO UPDATE SET ${sets.join(", ")}`;
  return `ON CONFLICT (${parts.quotedKeys}) ${action}`;
}

/**
 * Empties tables. TRUNCATE is quick, but refuses where a foreign key of a table that is not among them points to one,
 * and waits for readers: then the rows are deleted one by one.
 */
export async function emptyTables(
  { sql }: EngineContext,
  transaction: Transaction,
  tables: readonly JournalledTable[],
): Promise<void> {
  if (tables.length === 0) return;
  const names = tables.map((table) => tableSql(table).table);
  await transaction.query("SAVEPOINT sparesync_empty");
  try {
    await transaction.query(sql.text("apply/truncate-tables", { tables: names.join(", ") }));
  } catch (error) {
    if (!isTruncateRefused(error)) throw error;
    await transaction.query("ROLLBACK TO SAVEPOINT sparesync_empty");
    for (const table of names) await transaction.query(sql.text("apply/empty-table", { table }));
  }
}

async function deleteRows(
  context: EngineContext,
  transaction: Transaction,
  table: JournalledTable,
  keys: readonly (readonly Cell[])[],
): Promise<void> {
  const parts = tableSql(table);
  const text = context.sql.text("apply/delete-rows", {
    table: parts.table,
    ...unnestSql(parts.keys),
    match: matchJournal(parts.keys),
  });
  await transaction.execute(text, keys);
}

/** `conflict` is the ON CONFLICT clause, or "" where no row can be in the way. */
export async function insertRows(
  context: EngineContext,
  transaction: Transaction,
  table: JournalledTable,
  batch: JournalBatch,
  conflict: string,
): Promise<void> {
  if (batch.rows === 0) return;
  const parts = tableSql(table);
  const text = context.sql.text("apply/insert-rows", {
    table: parts.table,
    columns: parts.columns.map(({ name }) => quoteIdentifier(name)).join(", "),
    ...unnestSql(parts.columns),
    conflict,
  });
  await transaction.execute(text, arraysFor(parts.columns, batch));
}

export async function keepSequences(
  context: EngineContext,
  transaction: Transaction,
  batch: JournalBatch,
): Promise<void> {
  const columns = ["schema", "name", "value"].map((name) => ({ name }));
  await transaction.execute(context.sql.text("apply/keep-sequences"), arraysFor(columns, batch));
}
