import { AppError, errorCode, errorMessage } from "../../../shared/core/app-error.js";
import { journalledTables } from "../journalled-tables.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { isLockUnavailable } from "./errors.js";
import { quoteTable } from "./quote-identifier.js";

/** What conflicts with the lock under which a gate is moved, SHARE ROW EXCLUSIVE. */
const againstGates = [
  "RowExclusiveLock",
  "ShareUpdateExclusiveLock",
  "ShareLock",
  "ShareRowExclusiveLock",
  "ExclusiveLock",
  "AccessExclusiveLock",
];
/** What may be in the way of an apply: who has locked single rows holds their table in this way. */
const againstRows = ["RowShareLock", ...againstGates];
/** More names help nobody. */
const mostNamed = 5;

export interface LockHolder {
  readonly session: string | undefined;
  readonly kind: string;
  /** What it holds and who it is, for people; no text of its statement, which may hold values. */
  readonly held: string;
}

async function holdersIn(
  { sql }: EngineContext,
  transaction: Transaction,
  tables: readonly string[],
  modes: readonly string[],
): Promise<readonly LockHolder[]> {
  const rows = await transaction.query(sql.text("gate/lock-holders"), [tables, modes]);
  return rows.map((row) => ({
    session: row["session"] ?? undefined,
    kind: row["kind"] ?? "",
    held: row["held"] ?? "",
  }));
}

/**
 * Ends whoever keeps the gate of a table from being closed: the session of a writer, the statement of maintenance (VACUUM, CREATE
 * INDEX CONCURRENTLY, which leaves an invalid index behind); autovacuum gives way by itself. Answers who there was. A prepared
 * transaction and a session that this role may not end are errors that name them.
 */
export async function endHolders(
  context: EngineContext,
  quoted: string,
  label: string,
  signal: AbortSignal,
): Promise<readonly LockHolder[]> {
  const doing = `end the writers of ${label}`;
  return context.connection.transaction({ signal, doing }, async (transaction) => {
    const holders = await holdersIn(context, transaction, [quoted], againstGates);
    for (const holder of holders) await endHolder(context, transaction, holder);
    return holders;
  });
}

async function endHolder(
  { sql, settings }: EngineContext,
  transaction: Transaction,
  holder: LockHolder,
): Promise<void> {
  const { session, kind, held } = holder;
  if (kind === "autovacuum") return;
  if (session === undefined) {
    throw new AppError("DATABASE_FAILED", `database ${settings.name}: ${held} has written and is not finished`, {
      hint: "Finish it with COMMIT PREPARED or ROLLBACK PREPARED; nobody but its owner can know which.",
    });
  }
  const file = kind === "maintenance" ? "gate/cancel-statement" : "gate/end-session";
  try {
    await transaction.query(sql.text(file, { session: String(Number(session)) }));
  } catch (error) {
    if (errorCode(error) !== "42501") throw error;
    throw new AppError(
      "DATABASE_REFUSED",
      `database ${settings.name}: ${held} cannot be ended: ${errorMessage(error)}`,
      {
        cause: error,
        hint: `GRANT pg_signal_backend TO ${settings.user}; the session of a superuser can be ended by a superuser alone.`,
      },
    );
  }
}

/** Adds to a failure to get a lock who has the journalled tables in hand; `isCancelling`: and cancels maintenance among them. */
export async function namingHolders<T>(
  context: EngineContext,
  signal: AbortSignal,
  work: () => Promise<T>,
  isCancelling = false,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof AppError ? error.cause : undefined;
    if (!isLockUnavailable(cause)) throw error;
    const tables = [...journalledTables(context).values()].map(({ definition }) => quoteTable(definition));
    const doing = "look who holds the tables";
    const holders = await context.connection.transaction({ signal, doing }, async (transaction) => {
      const found = await holdersIn(context, transaction, tables, againstRows);
      const cancelled = isCancelling ? found.filter(({ kind }) => kind === "maintenance") : [];
      for (const holder of cancelled) await endHolder(context, transaction, holder);
      return found;
    });
    throw heldBy(errorMessage(error), holders, cause);
  }
}

/** A failure to get a lock, with who is in the way. */
export function heldBy(message: string, holders: readonly LockHolder[], cause: unknown): AppError {
  const named = holders.slice(0, mostNamed).map(({ held }) => held);
  const because = named.length === 0 ? message : `${message}; held are ${named.join("; ")}`;
  return new AppError("DATABASE_BUSY", because, { cause });
}
