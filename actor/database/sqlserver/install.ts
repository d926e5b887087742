import type { TableDefinition } from "../../core/journal-schema.js";
import { keyColumnsOf, tableLabel } from "../../core/journal-schema.js";
import type { Row, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { isOfKind } from "./errors.js";
import { quoteIdentifier, quoteTable } from "./quote-identifier.js";
import { restoreRules } from "./silenced-rules.js";
import type { JournalledTable } from "./table-sql.js";
import { gateMessage, journalKey, journalName, literal, tableSql, triggerNames } from "./table-sql.js";

/** Version of what is created in the database; a later one adds to it. */
const schemaVersion = 1;

/**
 * Creates what is missing, one short transaction per table: CREATE TRIGGER waits for whoever uses its table, and once
 * it returns no older uncommitted write exists there, which is why a copy may start right after.
 */
export async function install(
  context: EngineContext,
  tables: readonly TableDefinition[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  await installSchema(context, signal);
  await allowSnapshots(context, signal);
  const installed = await readInstalled(context, signal);
  const wanted = new Map(tables.map((table) => [tableLabel(table), table]));
  for (const [label, row] of installed) {
    const table = wanted.get(label);
    if (table && isIntact(row, table)) continue;
    await context.connection.transaction({ signal, doing: `stop journalling ${label}` }, (transaction) =>
      dropJournal(transaction, row),
    );
    installed.delete(label);
  }
  const created: string[] = [];
  const journalled = new Map<string, JournalledTable>();
  let n = Math.max(0, ...[...installed.values()].map((row) => Number(row["n"])));
  for (const [label, definition] of wanted) {
    const known = installed.get(label);
    const table = { n: known ? Number(known["n"]) : ++n, definition };
    if (!known) {
      await context.connection.transaction({ signal, doing: `journal the table ${label}` }, (transaction) =>
        installTable(transaction, table),
      );
      created.push(label);
    }
    journalled.set(label, table);
  }
  context.tables = journalled;
  return created;
}

async function installSchema(context: EngineContext, signal: AbortSignal): Promise<void> {
  const options = { signal, doing: "create the schema sparesync" };
  await context.connection.transaction(options, async (transaction) => {
    if (await isInstalled(transaction)) return;
    await transaction.batch(transaction.text("install/create-schema"));
    const parts = { version: String(schemaVersion), history: literal(context.newId()) };
    await transaction.batch(transaction.text("install/schema", parts));
  });
}

async function isInstalled(transaction: Transaction): Promise<boolean> {
  const answer = await transaction.query(transaction.text("install/is-installed"));
  return answer[0]?.["is_installed"] === "1";
}

/**
 * A point is read under SNAPSHOT, which the database must allow. Where this login may not say so, points are read as
 * rows are committed: nothing is lost, but only a drained journal makes the target consistent.
 */
async function allowSnapshots(context: EngineContext, signal: AbortSignal): Promise<void> {
  const { connection, settings } = context;
  const options = { signal, doing: "allow snapshot isolation", isAutocommit: true };
  try {
    const isChanged = await connection.transaction(options, async (transaction) => {
      if (transaction.server.isSnapshotAllowed) return false;
      const parts = { database: quoteIdentifier(settings.database) };
      await transaction.batch(transaction.text("install/allow-snapshots", parts));
      await transaction.query(transaction.text("install/note-snapshots"));
      return true;
    });
    if (isChanged) await connection.reconnect();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!isOfKind(cause, "permission")) throw error;
  }
}

/** The journalled tables by label, as noted in the database. */
export async function readInstalled(context: EngineContext, signal: AbortSignal): Promise<Map<string, Row>> {
  const rows = await context.connection.transaction({ signal, doing: "read what is installed" }, (transaction) =>
    transaction.query(transaction.text("query/installed")),
  );
  return new Map(rows.map((row) => [tableLabel({ schema: row["schema"] ?? "", name: row["name"] ?? "" }), row]));
}

function isIntact(row: Row, table: TableDefinition): boolean {
  const hasTriggers = row["capture_triggers"] === "1" && row["gate"] !== "missing";
  return hasTriggers && row["key_shape"] === keyShape(table);
}

/** A journal fits as long as name, type and collation of its key columns stay. */
function keyShape(table: TableDefinition): string {
  return JSON.stringify(keyColumnsOf(table).map((column) => [column.name, column.baseType, column.collation]));
}

async function installTable(transaction: Transaction, table: JournalledTable): Promise<void> {
  for (const [name, parts] of installationOf(table)) await transaction.batch(transaction.text(name, parts));
  const { schema, name } = table.definition;
  await transaction.query(transaction.text("install/register"), [table.n, schema, name, keyShape(table.definition)]);
}

/** The files that are run for one table, in order, with their parts. */
export function installationOf(
  table: JournalledTable,
): readonly (readonly [string, Readonly<Record<string, string>>])[] {
  const parts = tableSql(table);
  const names = parts.keys.map(({ name }) => quoteIdentifier(name));
  const of = (alias: string): string => names.map((name) => `${alias}.${name}`).join(", ");
  const journalColumns = parts.keys.map((column, index) => {
    const collation = column.collation === "" ? "" : ` COLLATE ${column.collation}`;
    return `${journalKey(index)} ${column.baseType}${collation} NULL`;
  });
  return [
    ["install/journal", { journal: parts.journal, columns: journalColumns.join(", ") }],
    [
      "install/capture-trigger",
      {
        trigger: parts.captureTrigger,
        table: parts.table,
        journal: parts.journal,
        journalKeys: parts.journalKeys,
        insertedKeys: of("i"),
        deletedKeys: of("d"),
        isKeyUpdated: names.map((name) => `UPDATE(${name})`).join(" OR "),
        isSameKey: names.map((name) => `i.${name} = d.${name}`).join(" AND "),
      },
    ],
    [
      "install/gate-trigger",
      { trigger: parts.gateTrigger, table: parts.table, message: gateMessage(table.definition) },
    ],
    ["gate/open", { table: parts.table, trigger: quoteIdentifier(triggerNames(table.n).gate) }],
  ];
}

/** Triggers first: one that is left without its journal would make the application's writes fail. */
async function dropJournal(transaction: Transaction, row: Row): Promise<void> {
  const n = Number(row["n"]);
  const names = triggerNames(n);
  const found = await transaction.query(transaction.text("query/our-triggers"), [names.capture, names.gate]);
  for (const each of found) {
    const trigger = quoteTable({ schema: each["schema"] ?? "", name: each["name"] ?? "" });
    await transaction.batch(transaction.text("install/drop-trigger", { trigger }));
  }
  await transaction.batch(transaction.text("install/unregister", { n: String(n), journal: journalName(n) }));
}

/** Takes everything away: the triggers and journals, then the tables of our own, then the schema. */
export async function remove(context: EngineContext, signal: AbortSignal): Promise<void> {
  const { connection, settings } = context;
  const options = { signal, doing: "remove the schema sparesync" };
  const isSnapshotOurs = await connection.transaction(options, async (transaction) => {
    if (!(await isInstalled(transaction))) return false;
    const meta = (await transaction.query(transaction.text("query/state")))[0] ?? {};
    for (const row of await transaction.query(transaction.text("query/installed"))) {
      await dropJournal(transaction, row);
    }
    await restoreRules(transaction);
    await transaction.batch(transaction.text("remove/schema"));
    await transaction.batch(transaction.text("remove/drop-schema"));
    return meta["is_snapshot_ours"] === "1";
  });
  context.tables = undefined;
  if (!isSnapshotOurs) return;
  await connection.transaction({ ...options, isAutocommit: true }, (transaction) =>
    transaction.batch(transaction.text("remove/forbid-snapshots", { database: quoteIdentifier(settings.database) })),
  );
  await connection.reconnect();
}
