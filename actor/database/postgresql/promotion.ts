import { AppError } from "../../../shared/core/app-error.js";
import { decideWrite, type JournalState, type PointHeader, type TableMarks } from "../../core/journal-position.js";
import type { TableDefinition } from "../../core/journal-schema.js";
import { isKeyless, tableLabel } from "../../core/journal-schema.js";
import type { Cell, JournalBatch } from "../../core/journal-wire.js";
import type { ReadLimits, TableKeys } from "../engine.js";
import { journalledTable, journalledTables, type JournalledTable } from "../journalled-tables.js";
import { isPromoted, notTarget, refuseUnless } from "../refusals.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { journalsInUse, readJournal, trimIn } from "./point-reader.js";
import { requireRebuilt } from "./index-rebuild.js";
import { quoteIdentifier } from "./quote-identifier.js";
import { requireSequenceRights, reseedSequences } from "./sequences.js";
import { lockedState, lockingState } from "./state.js";
import { matchJournal, matchLine, tableSql, textOf, unnestSql } from "./table-sql.js";
import { openGateIn } from "./write-gate.js";

/** See DatabaseEngine.promote. All in one transaction: there is no moment at which half of it holds. */
export async function promote(
  context: EngineContext,
  epoch: number,
  history: string,
  discarded: readonly TableKeys[],
  signal: AbortSignal,
): Promise<void> {
  const { connection, sql } = context;
  await connection.transaction({ signal, doing: "promote", opening: lockingState(context) }, async (transaction) => {
    if (isPromoted(context, lockedState(transaction), epoch)) return;
    await requireRebuilt(context, transaction);
    for (const { table, keys } of discarded) {
      await touchKeysIn(context, transaction, journalledTable(context, table), keys);
    }
    await reseedSequences(context, transaction);
    await transaction.query(sql.text("promote/become-ordinary"), [history, epoch]);
    await openGateIn(context, transaction);
  });
}

/** See DatabaseEngine.rehearsePromotion. */
export async function rehearsePromotion(context: EngineContext, epoch: number, signal: AbortSignal): Promise<void> {
  const { connection, settings } = context;
  let isReached = false;
  const rehearsal = connection.transaction(
    { signal, doing: "rehearse the promotion", opening: lockingState(context) },
    async (transaction) => {
      if (isPromoted(context, lockedState(transaction), epoch)) {
        throw new AppError("OPERATION_REFUSED", `database ${settings.name} is not a target`);
      }
      await requireRebuilt(context, transaction);
      await requireSequenceRights(context, transaction);
      await transaction.query(context.sql.text("promote/become-ordinary"), ["rehearsal", epoch]);
      await openGateIn(context, transaction);
      isReached = true;
      // The only way to end a transaction without its effects: what is thrown here ends it, and nothing else.
      throw new AppError("ABORTED", "the rehearsal is over");
    },
  );
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
    touchKeysIn(context, transaction, journalledTable(context, label), keys),
  );
}

async function touchKeysIn(
  context: EngineContext,
  transaction: Transaction,
  table: JournalledTable,
  keys: readonly (readonly Cell[])[],
): Promise<void> {
  const parts = tableSql(table);
  // The journal's columns have the types under the domains.
  const columns = parts.keys.map(({ journalType }) => ({ type: journalType }));
  const text = context.sql.text("query/touch-keys", {
    journal: parts.journal,
    journalKeys: parts.journalKeys,
    ...unnestSql(columns),
  });
  await transaction.execute(text, keys);
}

/** See DatabaseEngine.touchAll. */
export async function touchAll(
  context: EngineContext,
  definition: TableDefinition,
  signal: AbortSignal,
): Promise<void> {
  const label = tableLabel(definition);
  const parts = tableSql(journalledTable(context, label));
  const { table, journal, journalKeys, expressions } = parts;
  const text = context.sql.text("query/touch-all", { table, journal, journalKeys, keys: expressions });
  await context.connection.transaction({ signal, doing: `journal all keys of ${label}` }, (transaction) =>
    transaction.query(text),
  );
}

/** See DatabaseEngine.readUnshipped. */
export async function readUnshipped(
  context: EngineContext,
  applied: { readonly point: number; readonly attempt: string },
  limits: ReadLimits,
  write: (batch: JournalBatch) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = context;
  await connection.transaction(
    { signal, doing: "trim what the peer had applied", opening: lockingState(context) },
    async (transaction) => {
      const { sending, mode } = lockedState(transaction);
      if (mode !== "standby") throw notTarget(context);
      const isApplied = sending?.point === applied.point && sending.attempt === applied.attempt;
      if (sending && isApplied) await trimIn(context, transaction, sending);
    },
  );
  const options = { signal, doing: "read what was not shipped", isSnapshot: true };
  await connection.transaction(options, async (transaction) => {
    for (const journal of await journalsInUse(context, transaction)) {
      await readJournal(context, transaction, journal, limits, write);
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
  const { connection, sql } = context;
  await connection.transaction(
    { signal, doing: "follow the new source", opening: lockingState(context) },
    async (transaction) => {
      const state = await lockedForWrite(context, transaction, epoch);
      if (state.applied?.history === history) return;
      await transaction.query(sql.text("apply/start-position"), [history, "adopted"]);
      await transaction.query(sql.text("promote/forget-sequences"));
      await followMarks(context, transaction, marks);
    },
  );
}

/** See DatabaseEngine.declareSame. */
export async function declareSame(
  context: EngineContext,
  point: PointHeader & { readonly marks: TableMarks },
  signal: AbortSignal,
): Promise<void> {
  const { connection, sql } = context;
  await connection.transaction(
    { signal, doing: "take this database for a copy", opening: lockingState(context) },
    async (transaction) => {
      await lockedForWrite(context, transaction, point.epoch);
      await transaction.query(sql.text("apply/declare-position"), [point.history, point.point, point.attempt]);
      await followMarks(context, transaction, point.marks);
    },
  );
}

async function lockedForWrite(context: EngineContext, transaction: Transaction, epoch: number): Promise<JournalState> {
  const state = lockedState(transaction);
  refuseUnless(context, decideWrite(state, epoch));
  await transaction.query(context.sql.text("apply/raise-epoch"), [epoch]);
  return state;
}

async function followMarks(context: EngineContext, transaction: Transaction, marks: TableMarks): Promise<void> {
  const { sql } = context;
  await transaction.query(sql.text("apply/replace-copied"), [Object.keys(marks), Object.values(marks)]);
  for (const table of journalledTables(context).values()) {
    await transaction.query(sql.text("query/clear-journal", { journal: tableSql(table).journal }));
  }
}

/** See DatabaseEngine.describeKeys. */
export async function describeKeys(
  context: EngineContext,
  definition: TableDefinition,
  keys: readonly (readonly Cell[])[],
  signal: AbortSignal,
): Promise<readonly { readonly row: Readonly<Record<string, Cell>> | undefined; readonly isJournalled: boolean }[]> {
  const table = journalledTable(context, tableLabel(definition));
  const parts = tableSql(table);
  const columns = parts.columns.map(({ name, baseType }) => textOf(`t.${quoteIdentifier(name)}`, baseType));
  const text = context.sql.text("query/rows-of-keys", {
    table: parts.table,
    ...unnestSql(parts.keys),
    match: matchJournal(parts.keys),
    journal: parts.journal,
    isJournalled: matchLine(parts.keys),
    isThere: "t.tableoid IS NOT NULL",
    columns: columns.join(", "),
  });
  const rows = await context.connection.transaction({ signal, doing: "look up keys" }, (transaction) =>
    transaction.queryRows(text, keys),
  );
  return isKeyless(definition) ? imagesOf(rows) : rows.map((row) => describeRow(row, parts.columns));
}

function describeRow(
  row: readonly Cell[],
  columns: readonly { readonly name: string }[],
): { readonly row: Readonly<Record<string, Cell>> | undefined; readonly isJournalled: boolean } {
  const [, isJournalled, isThere, ...cells] = row;
  const present = Object.fromEntries(columns.map(({ name }, at) => [name, cells[at] ?? null]));
  return { row: isThere === "t" ? present : undefined, isJournalled: isJournalled === "t" };
}

/** One answer for each place, with the number of rows that have the image. */
function imagesOf(rows: readonly (readonly Cell[])[]): ReturnType<typeof describeRow>[] {
  const byPlace = new Map<string, { count: number; isJournalled: boolean }>();
  for (const [place, isJournalled, isThere] of rows) {
    const before = byPlace.get(place ?? "") ?? { count: 0, isJournalled: isJournalled === "t" };
    byPlace.set(place ?? "", { ...before, count: before.count + (isThere === "t" ? 1 : 0) });
  }
  return [...byPlace.values()].map(({ count, isJournalled }) => ({
    row: count === 0 ? undefined : { count: String(count) },
    isJournalled,
  }));
}
