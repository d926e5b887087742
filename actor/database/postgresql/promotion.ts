import { AppError } from "../../../shared/core/app-error.js";
import { decidePromotion, decideWrite } from "../../core/journal-position.js";
import type { TableDefinition } from "../../core/journal-schema.js";
import { tableLabel } from "../../core/journal-schema.js";
import type { Cell, JournalBatch } from "../../core/journal-wire.js";
import type { ReadLimits } from "../engine.js";
import type { Row, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { journalledTable, journalledTables } from "./context.js";
import { readJournal, trimIn } from "./point-reader.js";
import { refuseUnless } from "./point-applier.js";
import { quoteIdentifier } from "./quote-identifier.js";
import { lockedState } from "./state.js";
import type { JournalledTable } from "./table-sql.js";
import { tableSql, unnestSql } from "./table-sql.js";
import { openGateIn } from "./write-gate.js";

/** See DatabaseEngine.promote. All in one transaction: there is no moment at which half of it holds. */
export async function promote(
  context: EngineContext,
  epoch: number,
  history: string,
  discarded: readonly { readonly table: string; readonly keys: readonly (readonly Cell[])[] }[],
  signal: AbortSignal,
): Promise<void> {
  const { connection, sql, settings } = context;
  await connection.transaction({ signal, doing: "promote" }, async (transaction) => {
    const decision = decidePromotion(await lockedState(context, transaction), epoch);
    if (decision.kind === "already-promoted") return;
    if (decision.kind === "refuse") {
      throw new AppError(decision.code, `database ${settings.name} cannot be promoted: ${decision.because}`);
    }
    for (const { table, keys } of discarded) {
      await touchKeysIn(context, transaction, journalledTable(context, table), keys);
    }
    await reseedSequences(context, transaction);
    await transaction.query(sql.text("promote/become-ordinary"), [history, epoch]);
    await openGateIn(context, transaction);
  });
}

/** Sequences go beyond what the old source gave out (also to rows that were rolled back) and beyond every value. */
async function reseedSequences(context: EngineContext, transaction: Transaction): Promise<void> {
  const { sql, settings } = context;
  for (const row of await transaction.query(sql.text("promote/sequences"), [settings.schemas])) {
    const isDescending = Number(row["increment"]) < 0;
    await transaction.query(
      sql.text("promote/set-sequence", {
        furthest: isDescending ? "least" : "greatest",
        largest: largestOf(context, row, isDescending),
      }),
      [row["sequence"] ?? null, row["shipped"] ?? null],
    );
  }
}

function largestOf(context: EngineContext, row: Row, isDescending: boolean): string {
  const column = row["owner_column"];
  const owner = tableLabel({ schema: row["owner_schema"] ?? "", name: row["owner_table"] ?? "" });
  const table = journalledTables(context).get(owner);
  // The column of a table that is not synchronised belongs to this server alone, and so does its sequence.
  if (typeof column !== "string" || !table) return "NULL::bigint";
  const furthest = isDescending ? "min" : "max";
  return `(SELECT ${furthest}(${quoteIdentifier(column)})::bigint FROM ONLY ${tableSql(table).table})`;
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
  const columns = parts.keys.map((column) => ({ ...column, type: column.baseType }));
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
  const { table, journal, journalKeys, quotedKeys } = parts;
  const text = context.sql.text("query/touch-all", { table, journal, journalKeys, keys: quotedKeys });
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
  await connection.transaction({ signal, doing: "trim what the peer had applied" }, async (transaction) => {
    const { sending, mode } = await lockedState(context, transaction);
    if (mode !== "standby") throw notTarget(context);
    const isApplied = sending?.point === applied.point && sending.attempt === applied.attempt;
    if (sending && isApplied) await trimIn(context, transaction, sending);
  });
  const options = { signal, doing: "read what was not shipped", isSnapshot: true };
  await connection.transaction(options, async (transaction) => {
    for (const table of journalledTables(context).values()) {
      await readJournal(context, transaction, table, limits, write);
    }
  });
}

function notTarget(context: EngineContext): Error {
  return new AppError("OPERATION_REFUSED", `database ${context.settings.name} is not a target`);
}

/** See DatabaseEngine.adopt. Nothing else writes to a standby's journal, so emptying it loses nothing unseen. */
export async function adopt(
  context: EngineContext,
  history: string,
  epoch: number,
  signal: AbortSignal,
): Promise<void> {
  const { connection, sql } = context;
  await connection.transaction({ signal, doing: "follow the new source" }, async (transaction) => {
    const state = await lockedState(context, transaction);
    refuseUnless(context, decideWrite(state, epoch));
    if (state.applied?.history === history) return;
    await transaction.query(sql.text("apply/raise-epoch"), [epoch]);
    await transaction.query(sql.text("apply/start-position"), [history, "adopted"]);
    for (const table of journalledTables(context).values()) {
      await transaction.query(sql.text("query/clear-journal", { journal: tableSql(table).journal }));
    }
  });
}
