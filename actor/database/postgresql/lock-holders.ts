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
/** Each of them waits as long as lock_timeout. */
const triesBeforeEnd = 5;
/** More names help nobody. */
const mostNamed = 5;

export interface LockHolder {
  readonly session: string | undefined;
  readonly kind: string;
  /** It has locked or written rows, and nothing more: an index that is being built is not that. */
  readonly isOfRows: boolean;
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
    isOfRows: row["is_of_rows"] === "t",
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

/** A promotion waits for no maintenance. */
export function isMaintenance({ kind }: LockHolder): boolean {
  return kind === "maintenance";
}

/**
 * As namingHolders, for what is written on a target. Its application writes nothing there, and who holds rows there all the same
 * (`SELECT … FOR UPDATE` fires no trigger, so no gate keeps it out) is waited for and named, and ended when it still does
 * at the fifth try: the spare would fall behind for as long as a forgotten session stays open. Who builds an index is waited for.
 */
export async function endingLastingHolders<T>(
  context: EngineContext,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const before = context.waitedFor;
  const now = new Map<string, number>();
  const isLasting = ({ session, kind, isOfRows }: LockHolder): boolean => {
    if (session === undefined || kind !== "writer" || !isOfRows) return false;
    now.set(session, (before.get(session) ?? 0) + 1);
    return (now.get(session) ?? 0) >= triesBeforeEnd;
  };
  try {
    return await namingHolders(context, signal, work, isLasting);
  } finally {
    context.waitedFor = now;
  }
}

/** Adds to a failure to get a lock who has the journalled tables in hand, and ends those that are to be ended. */
export async function namingHolders<T>(
  context: EngineContext,
  signal: AbortSignal,
  work: () => Promise<T>,
  isToEnd: (holder: LockHolder) => boolean = () => false,
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
      const ended = found.filter(isToEnd);
      for (const holder of ended) await endHolder(context, transaction, holder);
      return { found, ended };
    });
    throw heldBy(errorMessage(error), holders.found, cause, holders.ended);
  }
}

/** A failure to get a lock, with who is in the way, and who of them was ended. */
export function heldBy(
  message: string,
  holders: readonly LockHolder[],
  cause: unknown,
  ended: readonly LockHolder[] = [],
): AppError {
  const naming = (words: string, some: readonly LockHolder[]): string =>
    some.length === 0
      ? ""
      : `; ${words} ${some
          .slice(0, mostNamed)
          .map(({ held }) => held)
          .join("; ")}`;
  return new AppError("DATABASE_BUSY", message + naming("held are", holders) + naming("ended was what held", ended), {
    cause,
  });
}
