import type { TableDefinition } from "../../core/journal-schema.js";
import { keyColumnsOf, tableLabel } from "../../core/journal-schema.js";
import type { Row, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { quoteIdentifier, quoteTable } from "./quote-identifier.js";
import type { JournalledTable } from "./table-sql.js";
import { journalKey, journalName, literal, tableSql } from "./table-sql.js";

/** Version of what is created in the database; a later one adds to it. */
const schemaVersion = 1;
const captureTriggers = 5;

/**
 * Creates what is missing, one short transaction per table: CREATE TRIGGER waits for the writers of its table, and
 * once it returns no older uncommitted write exists there, which is why a copy may start right after.
 */
export async function install(
  context: EngineContext,
  tables: readonly TableDefinition[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  await installSchema(context, signal);
  const installed = await readInstalled(context, signal);
  const wanted = new Map(tables.map((table) => [tableLabel(table), table]));
  for (const [label, row] of installed) {
    const table = wanted.get(label);
    if (table && isIntact(row, table)) continue;
    await unregister(context, row, signal);
    installed.delete(label);
  }
  const created: string[] = [];
  const journalled = new Map<string, JournalledTable>();
  let n = Math.max(0, ...[...installed.values()].map((row) => Number(row["n"])));
  for (const [label, definition] of wanted) {
    const known = installed.get(label);
    const table = { n: known ? Number(known["n"]) : ++n, definition };
    if (!known) {
      await installTable(context, table, signal);
      created.push(label);
    }
    journalled.set(label, table);
  }
  context.tables = journalled;
  return created;
}

async function installSchema(context: EngineContext, signal: AbortSignal): Promise<void> {
  const { connection, sql } = context;
  await connection.transaction({ signal, doing: "create the schema sparesync" }, async (transaction) => {
    const answer = await transaction.query(sql.text("install/is-installed"));
    if (answer[0]?.["is_installed"] === "t") return;
    const parts = { version: String(schemaVersion), history: literal(context.newId()) };
    await transaction.query(sql.text("install/schema", parts));
  });
}

/** The journalled tables by label, as noted in the database. */
export async function readInstalled(context: EngineContext, signal: AbortSignal): Promise<Map<string, Row>> {
  const { connection, sql } = context;
  const rows = await connection.transaction({ signal, doing: "read what is installed" }, (transaction) =>
    transaction.query(sql.text("query/installed")),
  );
  return new Map(rows.map((row) => [tableLabel({ schema: row["schema"] ?? "", name: row["name"] ?? "" }), row]));
}

function isIntact(row: Row, table: TableDefinition): boolean {
  const hasTriggers = Number(row["capture_triggers"]) === captureTriggers && row["gate"] !== "missing";
  return hasTriggers && row["key_shape"] === keyShape(table);
}

/** A journal fits as long as name, type and collation of its key columns stay. */
function keyShape(table: TableDefinition): string {
  return JSON.stringify(keyColumnsOf(table).map((column) => [column.name, column.baseType, column.collation]));
}

async function installTable(context: EngineContext, table: JournalledTable, signal: AbortSignal): Promise<void> {
  const { connection, sql } = context;
  const label = tableLabel(table.definition);
  const parts = tableSql(table);
  const each = (text: (name: string) => string): string[] => parts.keys.map(({ name }) => text(quoteIdentifier(name)));
  const journalColumns = parts.keys.map((column, index) => {
    const collation = column.collation === "" ? "" : ` COLLATE ${column.collation}`;
    return `${journalKey(index)} ${column.baseType}${collation}`;
  });
  await connection.transaction({ signal, doing: `journal the table ${label}` }, async (transaction) => {
    await transaction.query(
      sql.text("install/journal", { journal: parts.journal, columns: journalColumns.join(", ") }),
    );
    await transaction.query(
      sql.text("install/triggers", {
        table: parts.table,
        n: String(table.n),
        journal: parts.journal,
        keys: parts.quotedKeys,
        journalKeys: parts.journalKeys,
        oldKeys: each((name) => `old.${name}`).join(", "),
        nulls: each(() => "NULL").join(", "),
        isKeyMoved: each((name) => `old.${name} IS DISTINCT FROM new.${name}`).join(" OR "),
      }),
    );
    const { schema, name } = table.definition;
    await transaction.query(sql.text("install/register"), [table.n, schema, name, keyShape(table.definition)]);
  });
}

async function unregister(context: EngineContext, row: Row, signal: AbortSignal): Promise<void> {
  const label = tableLabel({ schema: row["schema"] ?? "", name: row["name"] ?? "" });
  await context.connection.transaction({ signal, doing: `stop journalling ${label}` }, (transaction) =>
    dropJournal(context, transaction, row),
  );
}

async function dropJournal(context: EngineContext, transaction: Transaction, row: Row): Promise<void> {
  const { sql } = context;
  const n = Number(row["n"]);
  await transaction.query(sql.text("install/unregister", { n: String(n), journal: journalName(n) }));
  const table = quoteTable({ schema: row["schema"] ?? "", name: row["name"] ?? "" });
  if (row["gate"] !== "missing") await transaction.query(sql.text("install/drop-gate", { table }));
}

/** Takes everything away: the triggers of every table, then the schema. */
export async function remove(context: EngineContext, signal: AbortSignal): Promise<void> {
  const { connection, sql } = context;
  await connection.transaction({ signal, doing: "remove the schema sparesync" }, async (transaction) => {
    const answer = await transaction.query(sql.text("install/is-installed"));
    if (answer[0]?.["is_installed"] !== "t") return;
    for (const row of await transaction.query(sql.text("query/installed"))) {
      await dropJournal(context, transaction, row);
    }
    await transaction.query(sql.text("remove/schema"));
  });
  context.tables = undefined;
}
