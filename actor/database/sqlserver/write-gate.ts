import { AppError, errorCode } from "../../../shared/core/app-error.js";
import { tableLabel } from "../../core/journal-schema.js";
import type { GateMode } from "../engine.js";
import { journalledTables } from "../journalled-tables.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { isOfKind } from "./errors.js";
import { readInstalled, type InstalledRow } from "./installation.js";
import { quoteIdentifier, quoteTable } from "./quote-identifier.js";
import { silenceRules } from "./silenced-rules.js";
import { stateIn } from "./state.js";
import { triggerNames } from "./table-sql.js";

/**
 * The write gate is a trigger that raises, enabled or disabled (decision 0010). ALTER TABLE … ENABLE TRIGGER takes a
 * schema modification lock, which no transaction that has written to the table shares. So once it has returned, no such
 * transaction is open; a SNAPSHOT transaction that began before fails at the table with error 3961.
 */
export async function closeGate(
  context: EngineContext,
  mode: "closed" | "standby",
  epoch: number,
  signal: AbortSignal,
): Promise<void> {
  const { connection, settings } = context;
  await connection.transaction({ signal, doing: "note that writers are refused" }, async (transaction) => {
    const state = await stateIn(transaction);
    if (mode === "closed" && state.mode === "standby") {
      throw new AppError("OPERATION_REFUSED", `database ${settings.name} is a target; only a source is closed`);
    }
    // What is found closed before it is was closed by another hand, and is not told from ours afterwards.
    for (const table of await wrongGatesIn(transaction, "open")) await renewMark(context, transaction, table);
    await transaction.query(transaction.text("gate/set-mode"), [mode, epoch]);
  });
  const { tables } = await readInstalled(context, signal);
  for (const table of tables.filter(({ gate }) => gate === "open")) await closeTable(context, table, signal);
  if (mode === "standby") {
    const labels = new Set(tables.map(({ label }) => label));
    await silenceRules(context, labels, (table, doing, work) => holdOff(context, table, doing, work, signal), signal);
  }
}

async function closeTable(context: EngineContext, table: InstalledRow, signal: AbortSignal): Promise<void> {
  const parts = gateParts(table.n, table);
  const doing = `refuse writers of ${table.label}`;
  await holdOff(
    context,
    parts.table,
    doing,
    (transaction) => transaction.batch(transaction.text("gate/close", parts)),
    signal,
  );
}

function gateParts(
  n: number,
  table: { readonly schema: string; readonly name: string },
): { readonly table: string; readonly trigger: string } {
  return { table: quoteTable(table), trigger: quoteIdentifier(triggerNames(n).gate) };
}

/** Tries until the table's lock is granted, ending whoever is in the way; the signal is the limit. */
async function holdOff(
  context: EngineContext,
  table: string,
  doing: string,
  work: (transaction: Transaction) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await context.connection.transaction({ signal, doing }, work);
      return;
    } catch (error) {
      // Each try waits for the lock as long as LOCK_TIMEOUT, so this is no busy loop.
      if (errorCode(error) !== "DATABASE_BUSY") throw error;
      await endHolders(context, table, signal);
    }
  }
}

async function endHolders(context: EngineContext, table: string, signal: AbortSignal): Promise<void> {
  // KILL is not allowed in a transaction.
  const doing = `end the sessions that hold ${table}`;
  try {
    await context.connection.transaction({ signal, doing, isAutocommit: true }, async (transaction) => {
      for (const holder of await transaction.query(transaction.text("gate/writers"), [table])) {
        if (holder["prepared"] !== null) throw inDoubt(context.settings.name, table);
        const session = String(Number(holder["session"]));
        await transaction.batch(transaction.text("gate/end-session", { session }));
      }
    });
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!isOfKind(cause, "permission")) throw error;
    const { name, user } = context.settings;
    throw new AppError("DATABASE_FAILED", `database ${name}: ${doing}: the user ${user} may not`, {
      cause: error,
      hint: `In master: GRANT VIEW SERVER STATE, ALTER ANY CONNECTION TO [${user}].`,
    });
  }
}

function inDoubt(database: string, table: string): Error {
  return new AppError(
    "DATABASE_FAILED",
    `database ${database}: a distributed transaction has used ${table} and is in doubt`,
    { hint: "Finish it in the transaction coordinator, or by KILL with its UOW; nobody but its owner can know which." },
  );
}

/** See DatabaseEngine.readWrongGates. */
export async function readWrongGates(
  { connection }: EngineContext,
  mode: GateMode,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const rows = await connection.transaction({ signal, doing: "look at the write gates" }, (transaction) =>
    wrongGatesIn(transaction, mode),
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
  const options = { signal, doing: `put the write gate of ${label} right` };
  return context.connection.transaction(options, async (transaction) => {
    await transaction.query(transaction.text("query/lock-state"));
    const table = (await wrongGatesIn(transaction, mode)).find((one) => tableLabel(one) === label);
    if (!table) return false;
    if (mode === "open") await renewMark(context, transaction, table);
    const file = mode === "open" ? "gate/open" : "gate/close";
    await transaction.batch(transaction.text(file, gateParts(table.n, table)));
    return true;
  });
}

interface GatedTable {
  readonly n: number;
  readonly schema: string;
  readonly name: string;
}

async function wrongGatesIn(transaction: Transaction, mode: GateMode): Promise<readonly GatedTable[]> {
  const rows = await transaction.query(transaction.text("gate/wrong-gates"), [mode]);
  return rows.map((row) => ({ n: Number(row["n"]), schema: row["schema"] ?? "", name: row["name"] ?? "" }));
}

async function renewMark({ newId }: EngineContext, transaction: Transaction, table: GatedTable): Promise<void> {
  await transaction.query(transaction.text("install/renew-mark"), [table.schema, table.name, newId()]);
}

/** Lets the application write again. Refused on a target: only a promotion ends that. */
export async function openGate(context: EngineContext, signal: AbortSignal): Promise<void> {
  await context.connection.transaction({ signal, doing: "let writers in" }, async (transaction) => {
    const state = await stateIn(transaction);
    if (state.mode === "standby") {
      throw new AppError(
        "OPERATION_REFUSED",
        `database ${context.settings.name} is a target; only a promotion opens it`,
      );
    }
    await openGateIn(context, transaction);
    await transaction.query(transaction.text("gate/set-mode"), ["open", state.epoch]);
  });
}

export async function openGateIn(context: EngineContext, transaction: Transaction): Promise<void> {
  for (const table of journalledTables(context).values()) {
    await transaction.batch(transaction.text("gate/open", gateParts(table.n, table.definition)));
  }
}

/** True when every journalled table refuses writers now; the lock that closed it is the proof that none is left. */
export async function isGateClosed(context: EngineContext, signal: AbortSignal): Promise<boolean> {
  const closed = await closedTables(context, signal);
  return [...journalledTables(context).keys()].every((label) => closed.has(label));
}

async function closedTables(context: EngineContext, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { tables } = await readInstalled(context, signal);
  return new Set(tables.filter(({ gate }) => gate === "closed").map(({ label }) => label));
}
