import type { JournalState } from "../../core/journal-position.js";
import { decideApply } from "../../core/journal-position.js";
import { isKeyless, keyNames } from "../../core/journal-schema.js";
import { keysOf, type Cell, type JournalBatch } from "../../core/journal-wire.js";
import type { ApplyResult, StagedPoint } from "../engine.js";
import { journalledTable, type JournalledTable } from "../journalled-tables.js";
import { refuseUnless } from "../refusals.js";
import { hashesIn } from "../compare-ranges.js";
import type { Statement, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { isConflict, isTruncateRefused } from "./errors.js";
import { quoteIdentifier } from "./quote-identifier.js";
import { compareRangesIn } from "./ranges.js";
import { lockedState, lockingState } from "./state.js";
import { StatementQueue } from "./statement-queue.js";
import { arraysFor, matchJournal, tableSql, unnestSql } from "./table-sql.js";

/**
 * See DatabaseEngine.applyPoint: rows and position in one transaction. Two messages for a point of ordinary size: one that
 * opens the transaction and reads the position under its lock, and one with all that is to be written and the end.
 */
export async function applyPoint(
  context: EngineContext,
  point: StagedPoint,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const opening = lockingState(context);
  const options = { signal, doing: `apply point ${String(point.point)}`, isReplica: true, opening };
  return context.connection.transaction(options, async (transaction) => {
    const state = lockedState(transaction);
    const decision = decideApply(state, point);
    if (decision.kind === "already-applied") return { outcome: "already-applied", answers: [] };
    refuseUnless(context, decision);
    const isLast = point.ranges.length === 0;
    await applyBatches(context, transaction, point.batches, positionOf(context, state, point), isLast);
    const answers = await compareRangesIn(context, transaction, point.ranges, (range) => hashesIn(point, range.table));
    return { outcome: "applied", answers };
  });
}

/** The statements that note where the target is now. */
function positionOf({ sql }: EngineContext, state: JournalState, point: StagedPoint): readonly Statement[] {
  const { epoch, history, attempt, completeUpToMs } = point;
  const parameters = [history, point.point, attempt, completeUpToMs];
  const position = { text: sql.text("apply/set-position"), parameters };
  return epoch > state.epoch ? [{ text: sql.text("apply/raise-epoch"), parameters: [epoch] }, position] : [position];
}

/**
 * All that goes goes first, then all that is there is written over. Two rows may have swapped a unique value: then a
 * row in the way makes the statement fail, and every touched row is deleted before any is written. What is left is the
 * same on both sides, so no constraint of the source's state can be in the way then. `after` follows the rows; with
 * `isLast` the transaction ends with it.
 */
async function applyBatches(
  context: EngineContext,
  transaction: Transaction,
  batches: () => AsyncIterable<JournalBatch>,
  after: readonly Statement[],
  isLast: boolean,
): Promise<void> {
  const truncated: JournalledTable[] = [];
  for await (const batch of batches()) {
    if (batch.kind === "truncated") truncated.push(journalledTable(context, batch.table));
  }
  await emptyTables(context, transaction, truncated);
  const savepoint = { text: "SAVEPOINT sparesync_apply", parameters: [] };
  try {
    const sending = new StatementQueue(transaction, [savepoint]);
    await deleteThenWrite(context, sending, batches, false);
    await sending.end(after, isLast);
  } catch (error) {
    if (!isConflict(error)) throw error;
    await transaction.query("ROLLBACK TO SAVEPOINT sparesync_apply");
    const sending = new StatementQueue(transaction, []);
    await deleteThenWrite(context, sending, batches, true);
    await sending.end(after, isLast);
  }
}

async function deleteThenWrite(
  context: EngineContext,
  sending: StatementQueue,
  batches: () => AsyncIterable<JournalBatch>,
  isEveryRowDeleted: boolean,
): Promise<void> {
  for await (const batch of batches()) {
    if (batch.kind !== "gone" && batch.kind !== "rows") continue;
    const table = journalledTable(context, batch.table);
    // Every image of a table without a key that was touched comes as "gone".
    if (batch.kind === "rows" && isKeyless(table.definition)) continue;
    if (batch.kind === "gone" || isEveryRowDeleted || !canBeWrittenOver(table)) {
      await sending.add(deletion(context, table, keysOf(batch, keyNames(table.definition))));
    }
  }
  for await (const batch of batches()) {
    if (batch.kind === "rows") {
      const table = journalledTable(context, batch.table);
      const isFree = isEveryRowDeleted || !canBeWrittenOver(table);
      await sending.add(insertion(context, table, batch, isFree ? "" : overwrite(table)));
    }
    if (batch.kind === "sequences") await sending.add(sequencesKept(context, batch));
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

function deletion({ sql }: EngineContext, table: JournalledTable, keys: readonly (readonly Cell[])[]): Statement {
  const parts = tableSql(table);
  const match = matchJournal(parts.keys);
  const text = sql.text("apply/delete-rows", { table: parts.table, ...unnestSql(parts.keys), match });
  return { text, parameters: keys };
}

/** `conflict` is the ON CONFLICT clause, or "" where no row can be in the way. */
export function insertion(
  { sql }: EngineContext,
  table: JournalledTable,
  batch: JournalBatch,
  conflict: string,
): Statement {
  const parts = tableSql(table);
  const columns = parts.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  const places = { table: parts.table, columns, ...unnestSql(parts.columns), conflict };
  return { text: sql.text("apply/insert-rows", places), parameters: arraysFor(parts.columns, batch) };
}

export function sequencesKept({ sql }: EngineContext, batch: JournalBatch): Statement {
  const columns = ["schema", "name", "value"].map((name) => ({ name }));
  return { text: sql.text("apply/keep-sequences"), parameters: arraysFor(columns, batch) };
}
