import { errorCode } from "../../../shared/core/app-error.js";
import { decideApply } from "../../core/journal-position.js";
import { isKeyless, tableLabel } from "../../core/journal-schema.js";
import type { JournalBatch } from "../../core/journal-wire.js";
import type { ApplyResult, StagedPoint } from "../engine.js";
import { journalledTable, type JournalledTable } from "../journalled-tables.js";
import { refuseUnless } from "../refusals.js";
import { hashesIn } from "../compare-ranges.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { emptyTable } from "./empty-table.js";
import { databaseError, isOfKind } from "./errors.js";
import { quoteIdentifier } from "./quote-identifier.js";
import {
  createStage,
  dropStage,
  fillStage,
  matchStage,
  restored,
  rowsFor,
  stageSequences,
  type Stage,
} from "./staging.js";
import { compareRangesIn } from "./ranges.js";
import { lockedState } from "./state.js";
import { tableSql } from "./table-sql.js";

/**
 * See DatabaseEngine.applyPoint: rows and position in one transaction. Two rows may have swapped a unique value in a
 * way that updating and inserting cannot follow; then the whole is done again with every touched row deleted first. What
 * is left is the same on both sides, so no constraint of the source's state can be in the way then.
 */
export async function applyPoint(
  context: EngineContext,
  point: StagedPoint,
  signal: AbortSignal,
): Promise<ApplyResult> {
  try {
    return await applyOnce(context, point, false, signal);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (errorCode(error) !== "DATABASE_FAILED" || !isOfKind(cause, "conflict")) throw error;
    return applyOnce(context, point, true, signal);
  }
}

async function applyOnce(
  context: EngineContext,
  point: StagedPoint,
  isEveryRowDeleted: boolean,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const { connection } = context;
  const options = { signal, doing: `apply point ${String(point.point)}`, isReplica: true, isLarge: true };
  return connection.transaction(options, async (transaction) => {
    const decision = decideApply(await lockedState(transaction), point);
    if (decision.kind === "already-applied") return { outcome: "already-applied", answers: [] };
    refuseUnless(context, decision);
    await transaction.query(transaction.text("apply/raise-epoch"), [point.epoch]);
    await applyBatches(context, transaction, point.batches, isEveryRowDeleted);
    const position = [point.history, point.point, point.attempt, point.completeUpToMs];
    await transaction.query(transaction.text("apply/set-position"), position);
    const answers = await compareRangesIn(context, transaction, point.ranges(), (range) =>
      hashesIn(point, range.table),
    );
    return { outcome: "applied", answers };
  });
}

interface Staged {
  readonly gone: ReadonlyMap<string, Stage>;
  readonly rows: ReadonlyMap<string, Stage>;
}

/** Everything is staged first; then all that goes goes, then what is there is written over, then what is new comes. */
async function applyBatches(
  context: EngineContext,
  transaction: Transaction,
  batches: () => AsyncIterable<JournalBatch>,
  isEveryRowDeleted: boolean,
): Promise<void> {
  const { gone, rows } = await stageBatches(context, transaction, batches);
  for (const stage of gone.values()) await on(context, stage.table, () => deleteRows(transaction, stage));
  for (const stage of rows.values()) {
    // Every image of a table without a key that was touched comes as "gone".
    if (isKeyless(stage.table.definition)) continue;
    const isReplaced = isEveryRowDeleted || !canBeWrittenOver(stage.table);
    await on(context, stage.table, () =>
      isReplaced ? deleteRows(transaction, stage) : updateRows(transaction, stage),
    );
  }
  for (const stage of rows.values()) await on(context, stage.table, () => insertRows(transaction, stage));
  for (const stage of [...gone.values(), ...rows.values()]) await dropStage(transaction, stage);
}

async function stageBatches(
  context: EngineContext,
  transaction: Transaction,
  batches: () => AsyncIterable<JournalBatch>,
): Promise<Staged> {
  const stages = { gone: new Map<string, Stage>(), rows: new Map<string, Stage>() };
  for await (const batch of batches()) {
    if (batch.kind === "sequences") {
      await keepSequences(transaction, batch);
      continue;
    }
    if (batch.kind === "hashes") continue;
    const table = journalledTable(context, batch.table);
    if (batch.kind === "truncated") {
      await on(context, table, () => emptyTable(transaction, table));
      continue;
    }
    const { columns, keys } = tableSql(table);
    const wanted = batch.kind === "gone" ? keys : columns;
    const known = stages[batch.kind].get(batch.table);
    const stage = known ?? (await createStage(transaction, table, batch.kind, wanted));
    stages[batch.kind].set(batch.table, stage);
    await on(context, table, () => fillStage(transaction, stage, rowsFor(wanted, batch)));
  }
  return stages;
}

/** Says of a failure which table it was. */
async function on(context: EngineContext, table: JournalledTable, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { name } = context.settings;
    throw databaseError(name, `write the table ${tableLabel(table.definition)}`, error);
  }
}

/** An identity column cannot be updated; as a key it need not be, for it is equal. */
function canBeWrittenOver({ definition }: JournalledTable): boolean {
  return definition.columns.every((column) => column.identity === "" || definition.keyColumns.includes(column.name));
}

function identityNames({ definition }: JournalledTable): ReadonlySet<string> {
  return new Set(definition.columns.filter((column) => column.identity !== "").map(({ name }) => name));
}

async function deleteRows(transaction: Transaction, stage: Stage): Promise<void> {
  const { table, keys } = tableSql(stage.table);
  const parts = { table, stage: stage.name, match: matchStage(stage, keys) };
  await transaction.batch(transaction.text("apply/delete-staged-rows", parts));
}

/** Keys are set as well: equal keys can differ in their text (case and trailing blanks under most collations). */
async function updateRows(transaction: Transaction, stage: Stage): Promise<void> {
  const values = restored(stage);
  const identities = identityNames(stage.table);
  const sets = stage.columns
    .map((column, index) => ({ column, set: `t.${quoteIdentifier(column.name)} = ${values[index] ?? "NULL"}` }))
    .filter(({ column }) => !identities.has(column.name))
    .map(({ set }) => set);
  if (sets.length === 0) return;
  await transaction.batch(
    transaction.text("apply/update-rows", {
      table: tableSql(stage.table).table,
      stage: stage.name,
      match: matchStage(stage, tableSql(stage.table).keys),
      sets: sets.join(", "),
    }),
  );
}

/** Writes the rows whose key is not there. */
export async function insertRows(transaction: Transaction, stage: Stage): Promise<void> {
  const parts = insertParts(stage);
  if (isKeyless(stage.table.definition)) {
    await transaction.batch(transaction.text("apply/insert-all-rows", parts));
    return;
  }
  const match = matchStage(stage, tableSql(stage.table).keys);
  await transaction.batch(transaction.text("apply/insert-staged-rows", { ...parts, match }));
}

/** Writes rows one by one, without those that a unique index refuses. */
export async function insertRowsSingly(transaction: Transaction, stage: Stage): Promise<void> {
  const count = String(stage.rows);
  await transaction.batch(transaction.text("apply/insert-rows-singly", { ...insertParts(stage), count }));
}

function insertParts(stage: Stage): Readonly<Record<string, string>> {
  const { table } = tableSql(stage.table);
  const hasIdentity = identityNames(stage.table).size > 0;
  return {
    table,
    stage: stage.name,
    columns: stage.columns.map(({ name }) => quoteIdentifier(name)).join(", "),
    values: restored(stage).join(", "),
    identityOn: hasIdentity ? `SET IDENTITY_INSERT ${table} ON;` : "",
    identityOff: hasIdentity ? `SET IDENTITY_INSERT ${table} OFF;` : "",
  };
}

export async function keepSequences(transaction: Transaction, batch: JournalBatch): Promise<void> {
  const stage = await stageSequences(transaction, batch);
  await transaction.batch(transaction.text("apply/keep-staged-sequences", { stage }));
  await dropStage(transaction, { name: stage });
}
