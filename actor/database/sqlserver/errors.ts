import { valueHint } from "../../core/database-errors.js";
import { AppError, errorCode, errorMessage } from "../../../shared/core/app-error.js";

/** Error numbers of SQL Server by what SpareSync does about them (Microsoft, "Database Engine errors"). */
const numbersByMeaning = {
  /** Try again soon: somebody else was in the way, or a snapshot grew too old. */
  busy: [
    1204, // no locks left
    1205, // deadlock victim
    1222, // lock request timed out
    701, // memory
    8645, // waited too long for memory
    3952, // snapshot isolation has just been turned off
    3957, // snapshot transaction not allowed to wait
    3960, // snapshot update conflict
    3961, // the table was altered after the snapshot began
    3966, // the version store was emptied under the snapshot
  ],
  /** Try again until it is back: the server or this database cannot be used now. */
  unreachable: [
    64,
    121,
    233,
    10053,
    10054,
    10060,
    10061, // the network
    596, // the session was killed
    921,
    922,
    924,
    927,
    942,
    945,
    951, // the database is recovering, restoring, offline or single-user
    976,
    983, // the database is the mirror, or its availability group has no primary
    4060, // the database cannot be opened (yet)
    6005,
    6006,
    17142,
    17147,
    18401, // the server is shutting down, paused or in upgrade
  ],
  /** A value that a type or NOT NULL refuses: the same row of a copy would be refused as well. */
  value: [220, 232, 241, 242, 245, 248, 295, 515, 2628, 8114, 8115, 8152],
  /** A row with this unique value is there. */
  conflict: [2601, 2627],
  /** Disk, log or the edition's limit is full, or the disk fails: a person must make room. */
  room: [823, 824, 1101, 1105, 1827, 3257, 5149, 9002],
  login: [18452, 18456, 18470, 18486, 18487, 18488],
  permission: [229, 230, 262, 297, 300, 916, 1088, 5011, 6102, 15247],
} as const;

export type SqlServerErrorKind = keyof typeof numbersByMeaning;

/** Node's socket errors and the driver's own names for a connection that is of no use. */
const lostCodes =
  /^(ESOCKET|ETIMEOUT|ECONN[A-Z]+|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOTOPEN|ECLOSE|EINVALIDSTATE|ECANCEL)$/;

/** The number of a SQL Server error, 0 for what has none. */
export function errorNumber(error: unknown): number {
  const number = typeof error === "object" && error !== null && "number" in error ? error.number : undefined;
  return typeof number === "number" ? number : 0;
}

/** True when the error, or one that was reported just before it, is of the kind. */
export function isOfKind(error: unknown, kind: SqlServerErrorKind): boolean {
  const numbers: readonly number[] = numbersByMeaning[kind];
  return reported(error).some((each) => numbers.includes(errorNumber(each)));
}

/** A statement can report several errors; the one that explains often comes before the one that is thrown. */
function reported(error: unknown): readonly unknown[] {
  if (typeof error !== "object" || error === null) return [];
  const before = "precedingErrors" in error && Array.isArray(error.precedingErrors) ? error.precedingErrors : [];
  return [...(before as readonly unknown[]), error];
}

/** Turns what the driver threw into an expected failure. Messages hold no password and no row values. */
export function databaseError(database: string, doing: string, error: unknown): Error {
  if (error instanceof AppError) return error;
  const message = `database ${database}: ${doing}: ${withoutValues(reported(error).map(errorMessage))}`;
  if (isOfKind(error, "busy")) return new AppError("DATABASE_BUSY", message, { cause: error });
  if (isOfKind(error, "unreachable") || isConnectionLost(error)) {
    return new AppError("DATABASE_UNREACHABLE", message, { cause: error });
  }
  const code = errorCode(error);
  if (code === undefined) return error as Error;
  if (isOfKind(error, "permission")) {
    const hint = "The user of the settings needs the database role db_owner in this database.";
    return new AppError("DATABASE_REFUSED", message, { cause: error, hint });
  }
  if (isOfKind(error, "value") || isCheckRefused(error)) {
    return new AppError("DATABASE_VALUE_REFUSED", message, { cause: error, hint: valueHint });
  }
  const isRefused = isOfKind(error, "room") || isOfKind(error, "login");
  return new AppError(isRefused ? "DATABASE_REFUSED" : "DATABASE_FAILED", message, { cause: error });
}

/** One number for foreign keys and CHECK; the keyword is in the message in every language. */
function isCheckRefused(error: unknown): boolean {
  return reported(error).some((each) => errorNumber(each) === 547 && /\bCHECK\b/.test(errorMessage(each)));
}

function isConnectionLost(error: unknown): boolean {
  return errorNumber(error) === 0 && lostCodes.test(errorCode(error) ?? "");
}

/** "The duplicate key value is (…)" and its like would carry a customer's data into logs. */
function withoutValues(messages: readonly string[]): string {
  return [...new Set(messages)].join(" ").replaceAll(/((key value is|value is|value) )(\(.*?\)|'.*?')/gi, "$1(…)");
}
