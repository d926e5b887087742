import { AppError } from "../../../shared/core/app-error.js";
import { decideWrite, type JournalState, type PointHeader, type TableMarks } from "../../core/journal-position.js";
import type { TableDefinition } from "../../core/journal-schema.js";
import { tableLabel } from "../../core/journal-schema.js";
import type { Cell, JournalBatch } from "../../core/journal-wire.js";
import type { ReadLimits, TableKeys } from "../engine.js";
import { journalledTable, journalledTables, type JournalledTable } from "../journalled-tables.js";
import { isPromoted, notTarget, refuseUnless } from "../refusals.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { requireSequenceRights, reseedIdentities } from "./identities.js";
import { readJournal, trim } from "./point-reader.js";
import { restoreRules } from "./silenced-rules.js";
import { dropStage, restored, stageKeys } from "./staging.js";
import { lockedState } from "./state.js";
import { tableSql } from "./table-sql.js";
import { openGateIn } from "./write-gate.js";

/** See DatabaseEngine.promote. All in one transaction: there is no moment at which half of it holds. */
export async function promote(
  context: EngineContext,
  epoch: number,
  history: string,
  discarded: readonly TableKeys[],
  signal: AbortSignal,
): Promise<void> {
  const { connection } = context;
  await connection.transaction({ signal, doing: "promote" }, async (transaction) => {
    if (isPromoted(context, await lockedState(transaction), epoch)) return;
    for (const { table, keys } of discarded) {
      await touchKeysIn(transaction, journalledTable(context, table), keys);
    }
    await reseedIdentities(context, transaction);
    await transaction.query(transaction.text("promote/become-ordinary"), [history, epoch]);
    await restoreRules(transaction);
    await openGateIn(context, transaction);
  });
}

/** See DatabaseEngine.rehearsePromotion. */
export async function rehearsePromotion(context: EngineContext, epoch: number, signal: AbortSignal): Promise<void> {
  const { connection, settings } = context;
  let isReached = false;
  const rehearsal = connection.transaction({ signal, doing: "rehearse the promotion" }, async (transaction) => {
    if (isPromoted(context, await lockedState(transaction), epoch)) {
      throw new AppError("OPERATION_REFUSED", `database ${settings.name} is not a target`);
    }
    // What is set of a sequence is not undone in every case, so that a rehearsal but asks whether it might be.
    await requireSequenceRights(context, transaction);
    await transaction.query(transaction.text("promote/become-ordinary"), ["rehearsal", epoch]);
    await restoreRules(transaction);
    await openGateIn(context, transaction);
    isReached = true;
    // The only way to end a transaction without its effects: what is thrown here ends it, and nothing else.
    throw new AppError("ABORTED", "the rehearsal is over");
  });
  await rehearsal.catch((error: unknown) => {
    if (!isReached) throw error;
  });
}

/** See DatabaseEngine.touchKeys. */
export async function touchKeys(
  context: EngineContext,
  definition: TableDefinition,
  keys: readonly (readonly Cell[])[],
  signal: AbortSignal,
): Promise<void> {
  const label = tableLabel(definition);
  await context.connection.transaction({ signal, doing: `journal keys of ${label}` }, (transaction) =>
    touchKeysIn(transaction, journalledTable(context, label), keys),
  );
}

async function touchKeysIn(
  transaction: Transaction,
  table: JournalledTable,
  keys: readonly (readonly Cell[])[],
): Promise<void> {
  const { journal, journalKeys, keys: keyColumns } = tableSql(table);
  const stage = await stageKeys(transaction, table, keyColumns, keys);
  const parts = { journal, journalKeys, values: restored(stage).join(", "), stage: stage.name };
  await transaction.batch(transaction.text("query/touch-staged-keys", parts));
  await dropStage(transaction, stage);
}

/** See DatabaseEngine.touchAll. */
export async function touchAll(
  context: EngineContext,
  definition: TableDefinition,
  signal: AbortSignal,
): Promise<void> {
  const label = tableLabel(definition);
  const { table, journal, journalKeys, keys } = tableSql(journalledTable(context, label));
  const names = keys.map((part) => part.of("t")).join(", ");
  await context.connection.transaction(
    { signal, doing: `journal all keys of ${label}`, isLarge: true },
    (transaction) =>
      transaction.batch(transaction.text("query/touch-all", { table, journal, journalKeys, keys: names })),
  );
}

/** See DatabaseEngine.readUnshipped. Nobody writes to a standby's journal, so all of it may be read. */
export async function readUnshipped(
  context: EngineContext,
  applied: { readonly point: number; readonly attempt: string },
  limits: ReadLimits,
  write: (batch: JournalBatch) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = context;
  const { sending, mode } = await connection.transaction({ signal, doing: "read the state" }, lockedState);
  if (mode !== "standby") throw notTarget(context);
  const isApplied = sending?.point === applied.point && sending.attempt === applied.attempt;
  if (sending && isApplied) await trim(context, sending, signal);
  const options = { signal, doing: "read what was not shipped", isSnapshot: true, isLarge: true };
  await connection.transaction(options, async (transaction) => {
    for (const table of journalledTables(context).values()) {
      await readJournal(transaction, table, "", limits, write);
    }
  });
}

/** See DatabaseEngine.adopt. Nothing else writes to a standby's journal, so emptying it loses nothing unseen. */
export async function adopt(
  context: EngineContext,
  history: string,
  epoch: number,
  marks: TableMarks,
  signal: AbortSignal,
): Promise<void> {
  await context.connection.transaction({ signal, doing: "follow the new source" }, async (transaction) => {
    const state = await lockedForWrite(context, transaction, epoch);
    if (state.applied?.history === history) return;
    await transaction.query(transaction.text("apply/start-position"), [history, "adopted"]);
    await transaction.query(transaction.text("promote/forget-sequences"));
    await followMarks(context, transaction, marks);
  });
}

/** See DatabaseEngine.declareSame. */
export async function declareSame(
  context: EngineContext,
  point: PointHeader & { readonly marks: TableMarks },
  signal: AbortSignal,
): Promise<void> {
  await context.connection.transaction({ signal, doing: "take this database for a copy" }, async (transaction) => {
    await lockedForWrite(context, transaction, point.epoch);
    const position = [point.history, point.point, point.attempt];
    await transaction.query(transaction.text("apply/declare-position"), position);
    await followMarks(context, transaction, point.marks);
  });
}

async function lockedForWrite(context: EngineContext, transaction: Transaction, epoch: number): Promise<JournalState> {
  const state = await lockedState(transaction);
  refuseUnless(context, decideWrite(state, epoch));
  await transaction.query(transaction.text("apply/raise-epoch"), [epoch]);
  return state;
}

async function followMarks(context: EngineContext, transaction: Transaction, marks: TableMarks): Promise<void> {
  await transaction.query(transaction.text("apply/forget-copied"));
  for (const [label, mark] of Object.entries(marks)) {
    await transaction.query(transaction.text("apply/keep-copied"), [label, mark]);
  }
  for (const table of journalledTables(context).values()) {
    await transaction.batch(transaction.text("query/clear-journal", { journal: tableSql(table).journal }));
  }
}
