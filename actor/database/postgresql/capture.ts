import { AppError } from "../../../shared/core/app-error.js";
import { isKeyless } from "../../core/journal-schema.js";
import type { StoredSize } from "../engine.js";
import { journalledTable, journalledTables } from "../journalled-tables.js";
import type { EngineContext } from "./context.js";
import { pendingByTable } from "./point-reader.js";
import { tableSql } from "./table-sql.js";

const captureTriggers = ["insert", "update", "delete", "moved", "truncate"];
/** Beyond this the exact number of rows interests nobody, and counting would cost. */
const countedRows = 10_000_000;

/** Bytes of a row of a journal that stand beside it: in its page and in its index. */
const besideRow = 40;

/** See DatabaseEngine.journalSize. */
export async function journalSize(context: EngineContext, signal: AbortSignal): Promise<StoredSize> {
  const tables = [...journalledTables(context).values()];
  if (tables.length === 0) return { rows: 0, bytes: 0 };
  return context.connection.transaction({ signal, doing: "measure the journal" }, async (transaction) => {
    const questions = tables.map((table) =>
      context.sql.text("query/journal-size", { n: String(table.n), journal: tableSql(table).journal }),
    );
    const sizes = await transaction.query(questions.join("\nUNION ALL\n"));
    const pending = await pendingByTable(context, transaction, countedRows);
    const journals = sizes.map((row) => {
      const rows = pending.get(Number(row["n"])) ?? 0;
      const bytes = Number(row["bytes"]);
      const used = rows >= countedRows ? bytes : rows * (Number(row["row_bytes"] ?? 0) + besideRow);
      return { rows, bytes, usedBytes: Math.min(bytes, used) };
    });
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
    return {
      rows: sum(journals.map(({ rows }) => rows)),
      bytes: sum(journals.map(({ bytes }) => bytes)),
      usedBytes: Math.round(sum(journals.map(({ usedBytes }) => usedBytes))),
    };
  });
}

/**
 * See DatabaseEngine.stopCapture. One short transaction per table, the lock on the table first: a writer in it is waited
 * for no longer than any statement of ours waits, and DATABASE_BUSY then means "again, later".
 */
export async function stopCapture(context: EngineContext, because: string, signal: AbortSignal): Promise<void> {
  const { connection, sql, newId } = context;
  await connection.transaction({ signal, doing: "note that journalling ends" }, async (transaction) => {
    await transaction.query(sql.text("install/note-capture-off"), [because]);
    await transaction.query(sql.text("install/new-history"), [newId()]);
  });
  for (const [label, table] of journalledTables(context)) {
    const { table: name, journal } = tableSql(table);
    const names = isKeyless(table.definition) ? captureTriggers.filter((each) => each !== "update") : captureTriggers;
    const disable = names.map((each) => `DISABLE TRIGGER sparesync_${each}`).join(", ");
    await connection.transaction({ signal, doing: `stop journalling ${label}` }, (transaction) =>
      transaction.query(sql.text("install/capture-off", { table: name, journal, disable })),
    );
  }
}

/** See DatabaseEngine.requestCopy. */
export async function requestCopy(
  context: EngineContext,
  tables: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { connection, sql, newId, settings } = context;
  const unknown = (tables ?? []).find((label) => !journalledTables(context).has(label));
  if (unknown !== undefined) {
    const hint = `Name it as schema.table; synchronised are ${[...journalledTables(context).keys()].join(", ")}.`;
    throw new AppError("NOT_FOUND", `database ${settings.name}: the table ${unknown} is not synchronised`, { hint });
  }
  await connection.transaction({ signal, doing: "ask for a copy" }, async (transaction) => {
    if (!tables) await transaction.query(sql.text("install/request-copy"));
    for (const label of tables ?? []) {
      const { schema, name } = journalledTable(context, label).definition;
      await transaction.query(sql.text("install/renew-mark"), [schema, name, newId()]);
    }
  });
}
