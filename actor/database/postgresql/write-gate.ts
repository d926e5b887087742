import { AppError, errorCode, errorMessage } from "../../../shared/core/app-error.js";
import { tableLabel, type TableDefinition } from "../../core/journal-schema.js";
import type { GateMode } from "../engine.js";
import { journalledTables } from "../journalled-tables.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { readInstalled, type InstalledRow } from "./installation.js";
import { endHolders, heldBy, type LockHolder } from "./lock-holders.js";
import { quoteTable } from "./quote-identifier.js";
import { lockingState, stateIn } from "./state.js";

type TableName = Pick<TableDefinition, "schema" | "name">;

const gateTrigger = "sparesync_gate";

/**
 * The write gate is a trigger that raises, enabled or disabled. A row "closed" that the trigger reads would not do: a
 * REPEATABLE READ transaction that began before would not see it. ALTER TABLE … ENABLE TRIGGER takes SHARE ROW
 * EXCLUSIVE, which conflicts with the ROW EXCLUSIVE lock every writer holds until its transaction ends. So once it has
 * returned, no transaction that had written is open, and every later write, of whatever snapshot, meets the trigger.
 */
export async function closeGate(
  context: EngineContext,
  mode: "closed" | "standby",
  epoch: number,
  signal: AbortSignal,
): Promise<void> {
  const { connection, sql, settings } = context;
  await connection.transaction({ signal, doing: "note that writers are refused" }, async (transaction) => {
    const state = await stateIn(context, transaction);
    if (mode === "closed" && state.mode === "standby") {
      throw new AppError("OPERATION_REFUSED", `database ${settings.name} is a target; only a source is closed`);
    }
    // What is found closed before it is was closed by another hand, and is not told from ours afterwards.
    for (const table of await wrongGatesIn(context, transaction, "open")) await renewMark(context, transaction, table);
    await transaction.query(sql.text("gate/set-mode"), [mode, epoch]);
  });
  const { tables } = await readInstalled(context, signal);
  for (const table of tables.filter(({ gate }) => gate === "open")) await closeTable(context, table, signal);
}

/** Tries until the lock is granted, ending whoever is in the way; the signal is the limit, and the failure then names who was. */
async function closeTable(context: EngineContext, table: InstalledRow, signal: AbortSignal): Promise<void> {
  const { label } = table;
  const quoted = quoteTable(table);
  let holders: readonly LockHolder[] = [];
  for (;;) {
    try {
      await context.connection.transaction({ signal, doing: `refuse writers of ${label}` }, (transaction) =>
        transaction.query(context.sql.text("gate/close", { table: quoted, trigger: gateTrigger })),
      );
      return;
    } catch (error) {
      if (errorCode(error) === "ABORTED" && holders.length > 0) throw heldBy(errorMessage(error), holders, error);
      // Each try waits for the lock as long as lock_timeout, so this is no busy loop.
      if (errorCode(error) !== "DATABASE_BUSY") throw error;
      holders = await endHolders(context, quoted, label, signal);
    }
  }
}

/** See DatabaseEngine.readWrongGates. */
export async function readWrongGates(
  context: EngineContext,
  mode: GateMode,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const rows = await context.connection.transaction({ signal, doing: "look at the write gates" }, (transaction) =>
    wrongGatesIn(context, transaction, mode),
  );
  return rows.map(tableLabel);
}

/** See DatabaseEngine.mendGate. The lock on the state comes first: nobody moves gates on purpose meanwhile. */
export async function mendGate(
  context: EngineContext,
  label: string,
  mode: GateMode,
  signal: AbortSignal,
): Promise<boolean> {
  const { connection, sql } = context;
  const options = { signal, doing: `put the write gate of ${label} right`, opening: lockingState(context) };
  return connection.transaction(options, async (transaction) => {
    const table = (await wrongGatesIn(context, transaction, mode)).find((one) => tableLabel(one) === label);
    if (!table) return false;
    if (mode === "open") await renewMark(context, transaction, table);
    const parts = { table: quoteTable(table), trigger: gateTrigger };
    await transaction.query(sql.text(mode === "open" ? "gate/open" : "gate/close", parts));
    return true;
  });
}

async function wrongGatesIn(
  { sql }: EngineContext,
  transaction: Transaction,
  mode: GateMode,
): Promise<readonly TableName[]> {
  const rows = await transaction.query(sql.text("gate/wrong-gates"), [mode]);
  return rows.map((row) => ({ schema: row["schema"] ?? "", name: row["name"] ?? "" }));
}

async function renewMark({ sql, newId }: EngineContext, transaction: Transaction, table: TableName): Promise<void> {
  await transaction.query(sql.text("install/renew-mark"), [table.schema, table.name, newId()]);
}

/** Lets the application write again. Refused on a target: only a promotion ends that. */
export async function openGate(context: EngineContext, signal: AbortSignal): Promise<void> {
  await context.connection.transaction({ signal, doing: "let writers in" }, async (transaction) => {
    const state = await stateIn(context, transaction);
    if (state.mode === "standby") {
      throw new AppError(
        "OPERATION_REFUSED",
        `database ${context.settings.name} is a target; only a promotion opens it`,
      );
    }
    await openGateIn(context, transaction);
    await transaction.query(context.sql.text("gate/set-mode"), ["open", state.epoch]);
  });
}

export async function openGateIn(context: EngineContext, transaction: Transaction): Promise<void> {
  for (const table of journalledTables(context).values()) {
    await transaction.query(
      context.sql.text("gate/open", { table: quoteTable(table.definition), trigger: gateTrigger }),
    );
  }
}

/** True when every journalled table refuses writers now; the lock that closed it is the proof that none is left. */
export async function isGateClosed(context: EngineContext, signal: AbortSignal): Promise<boolean> {
  const gates = await readGates(context, signal);
  return [...journalledTables(context).keys()].every((label) => gates.get(label) === "closed");
}

async function readGates(context: EngineContext, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const { tables } = await readInstalled(context, signal);
  return new Map(tables.map(({ label, gate }) => [label, gate]));
}
