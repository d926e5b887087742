import { valueHint } from "../../core/database-errors.js";
import { AppError, errorCode, errorMessage } from "../../../shared/core/app-error.js";

/** Classes and codes of SQLSTATE (PostgreSQL manual, appendix A) and of sockets, by what SpareSync does about them. */
const unreachable = /^(08...|57P0[1-5]|53300|E[A-Z]+)$/;
/** Serialisation failure, deadlock, unknown completion, lock not available, query cancelled, object in use, memory. */
const busy = new Set(["40001", "40P01", "40003", "55P03", "57014", "55006", "53200"]);
/** Login refused, no such database, a right is missing, read-only, disk or another limit is full, input/output error. */
const refused = /^(28...|3D000|42501|25006|53100|53400|58...)$/;

/** A value that a type (class 22), NOT NULL, CHECK or a trigger's own words refuse: the same row of a copy would be refused as well. */
const valueRefused = /^(22...|23502|23514|P0001)$/;

/** A unique or exclusion constraint was in the way, or cannot be used by ON CONFLICT. */
export function isConflict(error: unknown): boolean {
  return ["23505", "23P01", "55000", "42P10"].includes(errorCode(error) ?? "");
}

/** A foreign key points to the table (0A000), or a lock was not to be had at once. */
export function isTruncateRefused(error: unknown): boolean {
  return ["0A000", "55P03", "40P01", "42501"].includes(errorCode(error) ?? "");
}

/**
 * Two statements change one row of a catalogue at once (a function replaced, a trigger made): the server has no lock for
 * that, and says so as an internal error or as a name that is there already. An actor that was killed may leave such a
 * statement running.
 */
function isCatalogueBusy(error: unknown, code: string): boolean {
  if (code === "XX000") return /tuple concurrently (updated|deleted)/.test(errorMessage(error));
  return code === "23505" && tableOf(error).startsWith("pg_catalog.");
}

/** Somebody else holds the lock and does not let go. */
export function isLockUnavailable(error: unknown): boolean {
  return ["55P03", "40P01"].includes(errorCode(error) ?? "");
}

/** What a statement speaks of is not there, or is there already. */
export function isOtherSchema(error: unknown): boolean {
  return ["42P01", "42P07", "42P16", "42703", "42710", "3F000"].includes(errorCode(error) ?? "");
}

/** The driver's own failures have no code, only these words. */
const lostWords = /terminated|timeout|Client was closed|not queryable|Connection ended/i;

/** The connection is gone or of no use any more. */
export function isConnectionLost(error: unknown): boolean {
  const code = errorCode(error) ?? "";
  return unreachable.test(code) || (code === "" && lostWords.test(errorMessage(error)));
}

/** Turns what the driver threw into an expected failure. The driver's messages hold no password; row values are left out. */
export function databaseError(database: string, doing: string, error: unknown): Error {
  if (error instanceof AppError) return error;
  const code = errorCode(error) ?? "";
  const message = `database ${database}: ${doing}: ${withoutValues(error, code)}`;
  if (busy.has(code) || isCatalogueBusy(error, code)) return new AppError("DATABASE_BUSY", message, { cause: error });
  if (isConnectionLost(error)) {
    return new AppError("DATABASE_UNREACHABLE", message, { cause: error });
  }
  if (code === "") return error as Error;
  if (refused.test(code)) return new AppError("DATABASE_REFUSED", message, { cause: error });
  const table = tableOf(error);
  const named = table === "" ? message : `${message} (table ${table})`;
  if (!valueRefused.test(code)) return new AppError("DATABASE_FAILED", named, { cause: error });
  return new AppError("DATABASE_VALUE_REFUSED", named, { cause: error, hint: valueHint });
}

/**
 * The server quotes the value that a type refuses, and a function of the application says what it likes: both would carry a
 * customer's data into logs. Details ("Key (…) already exists") are never taken.
 */
function withoutValues(error: unknown, code: string): string {
  const message = errorMessage(error);
  const [place = ""] = textField(error, "where").split("\n");
  if (code === "P0001" || code === "P0004" || / at (?:RAISE|ASSERT)$/.test(place)) {
    const [, name = "of the application"] = /^PL\/pgSQL function (\S+\(.*?\)) line/.exec(place) ?? [];
    return `the function ${name} has raised an error in its own words`;
  }
  if (!quotesValues.test(code)) return message;
  return message.replace(quoted, '"…"').replaceAll(/0x[0-9a-f]{2}( 0x[0-9a-f]{2})*/g, "0x…");
}

/** Data exceptions, and the syntax error with which tsvector, tsquery, hstore and ltree refuse a text; statements of ours hold no data. */
const quotesValues = /^(22...|42601)$/;

/** From the first quotation mark to the last, as any language of the server's messages (lc_messages) writes them. */
const quoted = /["«»„“”「『].*["«»“”」』]/s;

function textField(error: unknown, name: string): string {
  if (typeof error !== "object" || error === null) return "";
  const value = (error as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" ? value : "";
}

function tableOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("table" in error)) return "";
  const schema = "schema" in error && typeof error.schema === "string" ? error.schema : "";
  return typeof error.table === "string" ? `${schema}.${error.table}` : "";
}
