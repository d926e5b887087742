import { isKeyless, rowImage, type ColumnDefinition, type TableDefinition } from "../../core/journal-schema.js";
import { copiedColumns, keyColumnsOf, tableLabel } from "../../core/journal-schema.js";
import type { JournalledTable } from "../journalled-tables.js";
import { imageTransport, shortHash, transportOf, type ColumnTransport } from "./column-transport.js";
import { quoteIdentifier, quoteTable, quoteText } from "./quote-identifier.js";

/** Something that travels: a column, or the image of a whole row. */
export interface TravellingPart {
  readonly name: string;
  readonly transport: ColumnTransport;
  readonly collation: string;
  readonly baseType: string;
}

/** A column and how its values travel. */
export type TravellingColumn = ColumnDefinition & TravellingPart;

/** One part of what names a row: a column of the key, or the image of the whole row. */
export interface KeyPart extends TravellingPart {
  /** The value in the row of this alias. */
  readonly of: (alias: string) => string;
}

export interface TableSql {
  readonly table: string;
  readonly journal: string;
  readonly columns: readonly TravellingColumn[];
  readonly keys: readonly KeyPart[];
  /** k1, k2 …: the journal's own names for what names a row. */
  readonly journalKeys: string;
  /** The order in which rows are copied and compared; the table's alias is t. */
  readonly order: string;
  /** A number that is the same on both sides when the row of `t` is, whatever the order of its columns. */
  readonly hash: string;
  /** The same for a server whose HASHBYTES takes no more than 8,000 bytes. */
  readonly hashOfBeginnings: string;
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
  const { definition } = table;
  const { schema } = definition;
  const columns = copiedColumns(definition).map((column) => travelling(definition, column));
  const keys = isKeyless(definition)
    ? [imagePart(columns)]
    : keyColumnsOf(definition).map((column) => columnPart(travelling(definition, column)));
  const names = triggerNames(table.n);
  return {
    table: quoteTable(definition),
    journal: journalName(table.n),
    columns,
    keys,
    journalKeys: keys.map((_, index) => journalKey(index)).join(", "),
    order: keys.map((part) => part.of("t")).join(", "),
    hash: hashOf(columns),
    hashOfBeginnings: hashOf(columns.map(ofBeginning)),
    captureTrigger: quoteTable({ schema, name: names.capture }),
    gateTrigger: quoteTable({ schema, name: names.gate }),
  };
}

function travelling(table: TableDefinition, column: ColumnDefinition): TravellingColumn {
  const transport = transportOf(column);
  if (!transport) throw new TypeError(`${tableLabel(table)}.${column.name}: ${column.baseType} cannot travel`);
  return { ...column, transport };
}

function hashOf(columns: readonly TravellingColumn[]): string {
  return `CAST(${shortHash(imageText("t", columns))} AS decimal(38, 0))`;
}

function ofBeginning(column: TravellingColumn): TravellingColumn {
  const { transport } = column;
  return { ...column, transport: { ...transport, digest: transport.digestOfBeginning ?? transport.digest } };
}

function columnPart(column: TravellingColumn): KeyPart {
  const { name, transport, collation, baseType } = column;
  return { name, transport, collation, baseType, of: (alias) => `${alias}.${quoteIdentifier(name)}` };
}

/** A digest of the row: rows of kilobytes stay out of the journal, and SHA-1 is what every version has. */
function imagePart(columns: readonly TravellingColumn[]): KeyPart {
  return {
    name: rowImage,
    transport: imageTransport,
    collation: "",
    baseType: "varbinary(20)",
    of: (alias) => `CAST(HASHBYTES('SHA1', ${imageText(alias, columns)}) AS varbinary(20))`,
  };
}

/** HASHBYTES takes 8,000 bytes before SQL Server 2016; a digest has at most 60. */
const digestsAtOnce = 100;

/** A row as a short text, its columns in the order of their names: the two sides may have them in different orders. */
function imageText(alias: string, columns: readonly TravellingColumn[]): string {
  const sorted = [...columns].sort((a, b) => (a.name < b.name ? -1 : 1));
  const digests = sorted.map(
    (column) => `ISNULL(${column.transport.digest(`${alias}.${quoteIdentifier(column.name)}`)}, '~')`,
  );
  if (digests.length <= digestsAtOnce) return digests.join(" + '|' + ");
  const groups: string[] = [];
  for (let at = 0; at < digests.length; at += digestsAtOnce) {
    groups.push(shortHash(digests.slice(at, at + digestsAtOnce).join(" + '|' + ")));
  }
  return groups.join(" + '|' + ");
}

export function journalKey(index: number): string {
  return `k${String(index + 1)}`;
}

/** `t.[a] = j.k1 AND …`: the row of a journalled key. */
export function matchJournal(keys: readonly KeyPart[]): string {
  return keys.map((part, index) => `${part.of("t")} = j.${journalKey(index)}`).join(" AND ");
}

/** What names a row of `t`, as the server is to send it. */
export function readKeys(keys: readonly KeyPart[]): string {
  return keys.map((part) => part.transport.read(part.of("t"))).join(", ");
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
  const why = "this is the standby, a database about to be switched, or one whose gates SpareSync opens within seconds";
  const text = `SpareSync: ${why}: the application may not write to ${tableLabel(table)}.`;
  return quoteText(text.replaceAll("%", "%%"));
}
