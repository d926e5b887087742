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

/** A point that still arrives is given up long before; this is for an actor that stands still with its transaction open. */
const idleLimitMs = 60_000;

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
  const options = { signal, doing: `apply point ${String(point.point)}`, isReplica: true, idleLimitMs, opening };
  return context.connection.transaction(options, async (transaction) => {
    const state = lockedState(transaction);
    const decision = decideApply(state, point);
    if (decision.kind === "already-applied") return { outcome: "already-applied", answers: [] };
    refuseUnless(context, decision);
    await applyBatches(context, transaction, point, positionOf(context, state, point));
    const ranges = point.ranges();
    const answers = await compareRangesIn(context, transaction, ranges, (range) => hashesIn(point, range.table));
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
 * Batch by batch as they come: of each table what is gone, then what is there, which is written over. Two rows may have
 * swapped a unique value: then a row in the way makes the statement fail, and every touched row is deleted before any is
 * written. What is left is the same on both sides, so no constraint of the source's state can be in the way then. `after`
 * follows the rows; where no ranges are to be compared the transaction ends with it.
 */
async function applyBatches(
  context: EngineContext,
  transaction: Transaction,
  point: StagedPoint,
  after: readonly Statement[],
): Promise<void> {
  const sending = new StatementQueue(transaction);
  const sequences = new SequenceNames();
  const end = (): Promise<void> =>
    sending.end([sequencesForgotten(context, sequences), ...after], point.ranges().length === 0);
  try {
    await writeAsTheyCome(context, transaction, sending, sequences.noting(point.batches()));
    await end();
  } catch (error) {
    // What is under way must be over before anything else is asked of the server.
    await sending.forget();
    if (!isConflict(error)) throw error;
    await transaction.query("ROLLBACK TO SAVEPOINT sparesync_apply");
    await deleteThenWrite(context, sending, point.batches);
    await end();
  }
}

/** Every point says of all sequences where they are. */
class SequenceNames {
  readonly schemas: Cell[] = [];
  readonly names: Cell[] = [];

  async *noting(batches: AsyncIterable<JournalBatch>): AsyncGenerator<JournalBatch> {
    for await (const batch of batches) {
      if (batch.kind === "sequences") {
        const [schemas, names] = keysOf(batch, ["schema", "name"]);
        this.schemas.push(...(schemas ?? []));
        this.names.push(...(names ?? []));
      }
      yield batch;
    }
  }
}

/** One that is gone must not come back with its old value under a name that is used again. */
function sequencesForgotten({ sql }: EngineContext, { schemas, names }: SequenceNames): Statement {
  return { text: sql.text("apply/forget-sequences"), parameters: [schemas, names] };
}

/** Truncations are the first batches of a point: all of these tables are emptied before anything else. */
async function writeAsTheyCome(
  context: EngineContext,
  transaction: Transaction,
  sending: StatementQueue,
  batches: AsyncIterable<JournalBatch>,
): Promise<void> {
  const truncated: JournalledTable[] = [];
  const savepoint = { text: "SAVEPOINT sparesync_apply", parameters: [] };
  let isEmptied = false;
  for await (const batch of batches) {
    if (batch.kind === "truncated") {
      truncated.push(journalledTable(context, batch.table));
      continue;
    }
    if (!isEmptied) {
      await emptyTables(context, transaction, truncated);
      await sending.add(savepoint);
      isEmptied = true;
    }
    for (const statement of statementsOf(context, batch)) await sending.add(statement);
  }
  if (!isEmptied) await emptyTables(context, transaction, truncated);
}

/** What one batch asks for, as long as no row is in the way. */
function statementsOf(context: EngineContext, batch: JournalBatch): readonly Statement[] {
  if (batch.kind === "sequences") return [sequencesKept(context, batch)];
  if (batch.kind !== "gone" && batch.kind !== "rows") return [];
  const table = journalledTable(context, batch.table);
  if (batch.kind === "gone") return [deletion(context, table, batch)];
  // Every image of a table without a key that was touched came as "gone".
  if (isKeyless(table.definition)) return [insertion(context, table, batch, "")];
  if (canBeWrittenOver(table)) return [insertion(context, table, batch, overwrite(table))];
  return [deletion(context, table, batch), insertion(context, table, batch, "")];
}

async function deleteThenWrite(
  context: EngineContext,
  sending: StatementQueue,
  batches: () => AsyncIterable<JournalBatch>,
): Promise<void> {
  for await (const batch of batches()) {
    if (batch.kind !== "gone" && batch.kind !== "rows") continue;
    const table = journalledTable(context, batch.table);
    if (batch.kind === "rows" && isKeyless(table.definition)) continue;
    await sending.add(deletion(context, table, batch));
  }
  for await (const batch of batches()) {
    if (batch.kind === "rows") {
      await sending.add(insertion(context, journalledTable(context, batch.table), batch, ""));
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

/** Of what the batch names. */
function deletion({ sql }: EngineContext, table: JournalledTable, batch: JournalBatch): Statement {
  const parts = tableSql(table);
  const keys = keysOf(batch, keyNames(table.definition));
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
