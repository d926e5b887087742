import { AppError } from "../../../shared/core/app-error.js";
import type { EngineSize, StoredSize } from "../engine.js";
import { journalledTable, journalledTables } from "../journalled-tables.js";
import type { EngineContext } from "./context.js";
import { pendingByTable } from "./point-reader.js";
import { quoteIdentifier } from "./quote-identifier.js";
import type { ServerFacts } from "./server-facts.js";
import { tableSql, triggerNames } from "./table-sql.js";

/** Beyond this the exact number of rows interests nobody, and counting would cost. */
const countedRows = 10_000_000;

/** See DatabaseEngine.journalSize. */
export async function journalSize(context: EngineContext, signal: AbortSignal): Promise<StoredSize> {
  const options = { signal, doing: "measure the journal", isSnapshot: true };
  return context.connection.transaction(options, async (transaction) => {
    const pending = await pendingByTable(context, transaction, countedRows);
    const rows = [...pending.values()].reduce((total, each) => total + each, 0);
    const [size] = await transaction.query(transaction.text("query/size-of-journals"));
    return { rows, bytes: Number(size?.["bytes"] ?? 0) };
  });
}

/** What the free edition may hold, by SQL Server's version; the others have no limit (Microsoft, "Editions"). */
function expressLimitBytes({ majorVersion, minorVersion }: ServerFacts): number {
  const gibibyte = 1024 ** 3;
  // 2008 R2 is version 10.50 and has 10 GiB already; 2025 has 50.
  if (majorVersion >= 17) return 50 * gibibyte;
  return majorVersion > 10 || (majorVersion === 10 && minorVersion >= 50) ? 10 * gibibyte : 4 * gibibyte;
}

/** See DatabaseEngine.databaseSize. */
export async function databaseSize(context: EngineContext, signal: AbortSignal): Promise<EngineSize> {
  return context.connection.transaction({ signal, doing: "measure the database" }, async (transaction) => {
    const [size] = await transaction.query(transaction.text("query/database-size"));
    const { server } = transaction;
    const limitBytes = server.edition.startsWith("Express") ? expressLimitBytes(server) : undefined;
    return { bytes: Number(size?.["bytes"] ?? 0), limitBytes, place: size?.["place"] ?? undefined };
  });
}

/**
 * See DatabaseEngine.stopCapture. One short transaction per table, the lock on the table first: a writer in it is waited
 * for no longer than any statement of ours waits, and DATABASE_BUSY then means "again, later".
 */
export async function stopCapture(context: EngineContext, because: string, signal: AbortSignal): Promise<void> {
  const { connection, newId } = context;
  await connection.transaction({ signal, doing: "note that journalling ends" }, async (transaction) => {
    await transaction.query(transaction.text("install/note-capture-off"), [because]);
    await transaction.query(transaction.text("install/new-history"), [newId()]);
  });
  for (const [label, table] of journalledTables(context)) {
    const { table: name, journal } = tableSql(table);
    const disable = `DISABLE TRIGGER ${quoteIdentifier(triggerNames(table.n).capture)}`;
    const parts = { table: name, journal, disable };
    await connection.transaction({ signal, doing: `stop journalling ${label}` }, (transaction) =>
      transaction.batch(transaction.text("install/capture-off", parts)),
    );
  }
}

/** See DatabaseEngine.noteCaptureOff. */
export async function noteCaptureOff(
  { connection }: EngineContext,
  because: string,
  signal: AbortSignal,
): Promise<void> {
  await connection.transaction({ signal, doing: "note whether all is journalled" }, async (transaction) => {
    await transaction.query(transaction.text("install/note-capture-off"), [because]);
  });
}

/** See DatabaseEngine.requestCopy. */
export async function requestCopy(
  context: EngineContext,
  tables: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { connection, newId, settings } = context;
  const unknown = (tables ?? []).find((label) => !journalledTables(context).has(label));
  if (unknown !== undefined) {
    const hint = `Name it as schema.table; synchronised are ${[...journalledTables(context).keys()].join(", ")}.`;
    throw new AppError("NOT_FOUND", `database ${settings.name}: the table ${unknown} is not synchronised`, { hint });
  }
  await connection.transaction({ signal, doing: "ask for a copy" }, async (transaction) => {
    if (!tables) await transaction.query(transaction.text("install/request-copy"));
    for (const label of tables ?? []) {
      const { schema, name } = journalledTable(context, label).definition;
      await transaction.query(transaction.text("install/renew-mark"), [schema, name, newId()]);
    }
  });
}
