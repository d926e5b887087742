import { AppError } from "../../../shared/core/app-error.js";
import { tableLabel, type TableDefinition } from "../../core/journal-schema.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { isLockUnavailable, isOtherSchema } from "./errors.js";

/** An index over a table of hundreds of gigabytes is hours of work. */
const buildLimitMs = 12 * 3_600_000;

/**
 * Drops the primary key and the plain indexes of a table that is being loaded, and notes in the same transaction how to
 * build them again: sorting all keys at the end costs a third of what it costs to keep them in order. Unique indexes
 * stay, for a row that moved during the copy is told by them; so does whatever another object depends on. A table that
 * somebody reads at this moment keeps all of them.
 */
export async function setIndexesAside(
  { sql }: EngineContext,
  transaction: Transaction,
  table: TableDefinition,
): Promise<void> {
  const indexes = await transaction.query(sql.text("query/indexes-to-rebuild"), [table.schema, table.name]);
  await transaction.query("SAVEPOINT sparesync_indexes");
  try {
    for (const index of indexes) {
      await transaction.query(index["drop_statement"] ?? "");
      await transaction.query(sql.text("apply/note-rebuild"), [tableLabel(table), index["create_statement"] ?? ""]);
    }
  } catch (error) {
    if (!isLockUnavailable(error)) throw error;
    await transaction.query("ROLLBACK TO SAVEPOINT sparesync_indexes");
  }
}

/** See DatabaseEngine.rebuildIndexes. One transaction for each: what is built stays built. */
export async function rebuildIndexes(context: EngineContext, signal: AbortSignal): Promise<void> {
  const { connection, sql } = context;
  const waiting = await connection.transaction({ signal, doing: "look for indexes to build" }, async (transaction) => {
    const [there] = await transaction.query(sql.text("query/has-rebuilds"));
    return there?.["is_there"] === "t" ? transaction.query(sql.text("query/rebuilds")) : [];
  });
  for (const row of waiting) {
    const doing = `build an index of ${row["table_label"] ?? ""}`;
    await connection.transaction({ signal, doing, limitMs: buildLimitMs }, async (transaction) => {
      await transaction.query(sql.text("apply/forget-rebuild"), [row["n"] ?? null]);
      await buildIn(transaction, row["statement"] ?? "");
    });
  }
}

/** Whoever has built it by hand, or dropped or changed its table meanwhile, has decided: the schema is compared anyway. */
async function buildIn(transaction: Transaction, statement: string): Promise<void> {
  await transaction.query("SAVEPOINT sparesync_index");
  try {
    await transaction.pipeline([{ text: statement, parameters: [] }]);
  } catch (error) {
    if (!isOtherSchema(error)) throw error;
    await transaction.query("ROLLBACK TO SAVEPOINT sparesync_index");
  }
}

/** Whoever promotes a database gets all of its keys. */
export async function requireRebuilt({ sql, settings }: EngineContext, transaction: Transaction): Promise<void> {
  const [waiting] = await transaction.query(sql.text("query/rebuilds"));
  if (!waiting) return;
  const because = `the table ${waiting["table_label"] ?? ""} has not all of its indexes yet`;
  throw new AppError("REINITIALISATION_REQUIRED", `database ${settings.name} cannot be promoted: ${because}`);
}
