import pg from "pg";
import { AppError } from "../../../shared/core/app-error.js";
import { decodeCopyText } from "../../core/copy-text.js";
import type { JournalledTable } from "../journalled-tables.js";
import type { CopyOutStatement } from "./connection.js";
import type { EngineContext } from "./context.js";
import { tableSql } from "./table-sql.js";

/**
 * TRUNCATE and ALTER TABLE respect no snapshot: who waits for their lock with an older one finds the table empty, of all that
 * came with it in the same transaction nothing. Each time the lock is waited for first they cannot come in between.
 */
export function storedAnewCopy(
  { sql }: EngineContext,
  tables: readonly JournalledTable[],
  anew: string[],
): readonly CopyOutStatement[] {
  if (tables.length === 0) return [];
  const names = [...new Set(tables.map((table) => pg.escapeLiteral(tableSql(table).table)))];
  const take = (lines: Buffer): Promise<void> => {
    anew.push(
      ...lines
        .toString()
        .trimEnd()
        .split("\n")
        .map((line) => decodeCopyText(line) ?? ""),
    );
    return Promise.resolve();
  };
  const text = sql.text("query/stored-anew", { tables: names.join(", ") });
  return [{ text, limits: { rows: tables.length, bytes: Infinity }, take }];
}

/** Once: a table that is gone by then would be asked for for ever. */
export function lockingFirst(context: EngineContext): { readonly lock?: string } {
  const { sql, lockedFirst } = context;
  context.lockedFirst = [];
  return lockedFirst.length === 0 ? {} : { lock: sql.text("query/lock-to-read", { tables: lockedFirst.join(", ") }) };
}

/** What was read is of two moments. It was not sent yet, so that it can be read again. */
export function refuseStoredAnew(context: EngineContext, anew: readonly string[]): void {
  context.lockedFirst = anew;
  if (anew.length === 0) return;
  const what = `${anew.join(", ")} was emptied or written anew while it was read`;
  throw new AppError("DATABASE_BUSY", `database ${context.settings.name}: ${what}; it is read again`);
}
