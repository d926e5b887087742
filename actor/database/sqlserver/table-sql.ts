import type { ColumnDefinition, TableDefinition } from "../../core/journal-schema.js";
import { copiedColumns, keyColumnsOf, tableLabel } from "../../core/journal-schema.js";
import { transportOf, type ColumnTransport } from "./column-transport.js";
import { quoteIdentifier, quoteTable, quoteText } from "./quote-identifier.js";

/** A table with the number under which its journal is kept: names of the journal never come from the user's names. */
export interface JournalledTable {
  readonly n: number;
  readonly definition: TableDefinition;
}

/** A column and how its values travel. */
export interface TravellingColumn extends ColumnDefinition {
  readonly transport: ColumnTransport;
}

export interface TableSql {
  readonly table: string;
  readonly journal: string;
  readonly columns: readonly TravellingColumn[];
  readonly keys: readonly TravellingColumn[];
  /** k1, k2 …: the journal's own names for the key columns. */
  readonly journalKeys: string;
  readonly captureTrigger: string;
  readonly gateTrigger: string;
}

export function journalName(n: number): string {
  return `j_${String(n)}`;
}

/** Triggers stand in the schema of their table, so their names carry the number. */
export function triggerNames(n: number): { readonly capture: string; readonly gate: string } {
  return { capture: `sparesync_capture_${String(n)}`, gate: `sparesync_gate_${String(n)}` };
}

/** Text parts of the statements about one table. All names in them are quoted. */
export function tableSql(table: JournalledTable): TableSql {
  const { schema } = table.definition;
  const keys = keyColumnsOf(table.definition);
  const names = triggerNames(table.n);
  return {
    table: quoteTable(table.definition),
    journal: journalName(table.n),
    columns: copiedColumns(table.definition).map((column) => travelling(table.definition, column)),
    keys: keys.map((column) => travelling(table.definition, column)),
    journalKeys: keys.map((_, index) => journalKey(index)).join(", "),
    captureTrigger: quoteTable({ schema, name: names.capture }),
    gateTrigger: quoteTable({ schema, name: names.gate }),
  };
}

function travelling(table: TableDefinition, column: ColumnDefinition): TravellingColumn {
  const transport = transportOf(column);
  if (!transport) throw new TypeError(`${tableLabel(table)}.${column.name}: ${column.baseType} cannot travel`);
  return { ...column, transport };
}

export function journalKey(index: number): string {
  return `k${String(index + 1)}`;
}

/** `t.[a] = j.k1 AND …`: the row of a journalled key. */
export function matchJournal(keys: readonly ColumnDefinition[]): string {
  return keys.map((column, index) => `t.${quoteIdentifier(column.name)} = j.${journalKey(index)}`).join(" AND ");
}

/** What the server is to send of the columns of `alias`. */
export function readColumns(alias: string, columns: readonly TravellingColumn[]): string {
  return columns.map((column) => column.transport.read(`${alias}.${quoteIdentifier(column.name)}`)).join(", ");
}

/** A text literal; only for texts of our own (identifiers of points and histories), never for data. */
export function literal(text: string): string {
  if (!/^[a-z0-9-]*$/.test(text)) throw new TypeError(`not an identifier of ours: ${text}`);
  return `'${text}'`;
}

/** The message of the write gate; RAISERROR would read a per cent sign as a place for a value. */
export function gateMessage(table: TableDefinition): string {
  const text = `SpareSync: this is the standby, or a database about to be switched: the application may not write to ${tableLabel(table)}.`;
  return quoteText(text.replaceAll("%", "%%"));
}
