import pg from "pg";
import type { ColumnDefinition, TableDefinition } from "../../core/journal-schema.js";
import { copiedColumns, isKeyless, keyColumnsOf, rowImage } from "../../core/journal-schema.js";
import { keysOf, type Cell, type JournalBatch } from "../../core/journal-wire.js";
import type { JournalledTable } from "../journalled-tables.js";
import { parameterText, type Parameter } from "./pipeline.js";
import { quoteIdentifier, quoteTable } from "./quote-identifier.js";

export function journalName(n: number): string {
  return `j_${String(n)}`;
}

/** One part of what names a row: a column of the key, or the image of the whole row. */
export interface KeyPart {
  readonly name: string;
  /** The key as its type has it in the table `t`. */
  readonly expression: string;
  readonly type: string;
  /** Type and collation of the journal's column. */
  readonly journalType: string;
}

/** Text parts of the statements about one table. All names in them are quoted; the table's alias is t, the journal's j. */
export interface TableSql {
  readonly table: string;
  readonly journal: string;
  readonly columns: readonly ColumnDefinition[];
  readonly keys: readonly KeyPart[];
  /** k1, k2 …: the journal's own names for what names a row. */
  readonly journalKeys: string;
  /** Columns of the key, for ON CONFLICT; "" for a table without. */
  readonly quotedKeys: string;
  /** `t."a", t."b"`: the copied columns. */
  readonly copied: string;
  /** The order in which rows are copied and compared. */
  readonly order: string;
  /** Hash of a row that is the same number on both sides when the row is, whatever the order of its columns. */
  readonly hash: string;
}

export function tableSql(table: JournalledTable): TableSql {
  const { definition } = table;
  const columns = copiedColumns(definition);
  const keys = isKeyless(definition) ? [imagePart(definition)] : keyColumnsOf(definition).map(columnPart);
  return {
    table: quoteTable(definition),
    journal: journalName(table.n),
    columns,
    keys,
    journalKeys: keys.map((_, index) => journalKey(index)).join(", "),
    quotedKeys: definition.keyColumns.map(quoteIdentifier).join(", "),
    copied: columns.map(({ name }) => `t.${quoteIdentifier(name)}`).join(", "),
    order: keys.map(({ expression }) => expression).join(", "),
    hash: `hashtextextended((${imageOf(definition)}) COLLATE "C", 0)`,
  };
}

function columnPart(column: ColumnDefinition): KeyPart {
  const collation = column.collation === "" ? "" : ` COLLATE ${column.collation}`;
  const expression = `t.${quoteIdentifier(column.name)}`;
  return { name: column.name, expression, type: column.type, journalType: `${column.baseType}${collation}` };
}

/** A digest instead of the image itself: rows of megabytes stay out of the journal and of the messages. */
function imagePart(definition: TableDefinition): KeyPart {
  const expression = `encode(sha256(convert_to(${imageOf(definition)}, 'UTF8')), 'hex') COLLATE "C"`;
  return { name: rowImage, expression, type: "text", journalType: 'text COLLATE "C"' };
}

/** The text of a row, its columns in the order of their names: the two sides may have them in different orders. */
function imageOf(definition: TableDefinition): string {
  const names = copiedColumns(definition)
    .map(({ name }) => name)
    .sort();
  return `ROW(${names.map((name) => `t.${quoteIdentifier(name)}`).join(", ")})::text`;
}

export function journalKey(index: number): string {
  return `k${String(index + 1)}`;
}

/** A value as the text its type reads back exactly. The plain cast would cut a char's trailing blanks. */
export function textOf(expression: string, type: string): string {
  return /^(character\(|character$|bpchar)/.test(type) ? `textin(bpcharout(${expression}))` : `${expression}::text`;
}

/** What names a row of `t`, as texts. */
export function keyTexts(table: JournalledTable): string {
  const { keys } = tableSql(table);
  const types = isKeyless(table.definition) ? ["text"] : keyColumnsOf(table.definition).map(({ baseType }) => baseType);
  return keys.map(({ expression }, index) => textOf(expression, types[index] ?? "text")).join(", ");
}

/** `t."a" = j.k1 AND …`: the row of a journalled key. */
export function matchJournal(keys: readonly KeyPart[]): string {
  return keys.map(({ expression }, index) => `${expression} = j.${journalKey(index)}`).join(" AND ");
}

/** Text parts that turn arrays of text, one per column, into typed rows `s`. */
export function unnestSql(columns: readonly { readonly type: string }[]): {
  readonly arrays: string;
  readonly names: string;
  readonly values: string;
} {
  return {
    arrays: columns.map((_, index) => `$${String(index + 1)}::text[]`).join(", "),
    names: columns.map((_, index) => `c${String(index + 1)}`).join(", "),
    values: columns
      .map((column, index) => `s.c${String(index + 1)}::${column.type} AS k${String(index + 1)}`)
      .join(", "),
  };
}

/**
 * The statement with its parameters written into it, for messages of several statements, which take no parameters, and
 * for COPY, which never does. The driver quotes the values; the server takes each for the type that the place asks for.
 */
export function withValues(text: string, parameters: readonly Parameter[]): string {
  return text.replaceAll(/\$(\d+)/g, (_, place: string) => {
    const value = parameterText(parameters[Number(place) - 1] ?? null);
    return value === null ? "NULL" : pg.escapeLiteral(value);
  });
}

/** A text literal; only for texts of our own (identifiers of points and histories), never for data. */
export function literal(text: string): string {
  if (!/^[a-z0-9-]*$/.test(text)) throw new TypeError(`not an identifier of ours: ${text}`);
  return `'${text}'`;
}

/** The columns of a batch in the order of `columns`; a batch that lacks one was read from another schema. */
export function arraysFor(
  columns: readonly { readonly name: string }[],
  batch: JournalBatch,
): readonly (readonly Cell[])[] {
  return keysOf(
    batch,
    columns.map(({ name }) => name),
  );
}
