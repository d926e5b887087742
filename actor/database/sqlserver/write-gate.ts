import { AppError, errorCode } from "../../../shared/core/app-error.js";
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
    await transaction.query(transaction.text("gate/set-mode"), [mode, epoch]);
  });
  const { tables } = await readInstalled(context, signal);
  for (const table of tables.filter(({ gate }) => gate === "open")) await closeTable(context, table, signal);
  if (mode === "standby") {
    await silenceRules(context, (table, doing, work) => holdOff(context, table, doing, work, signal), signal);
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
