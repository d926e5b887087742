import pg from "pg";
import type { ColumnDefinition, KeyOperators, TableDefinition } from "../../core/journal-schema.js";
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
  /** Of a type that brings its own: without their schema others would be found, or none (decision 0048). */
  readonly operators: KeyOperators | undefined;
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
  /** What names a row, as its types have it in the table. */
  readonly expressions: string;
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
    expressions: keys.map(({ expression }) => expression).join(", "),
    order: keys.map(orderOf).join(", "),
    hash: `hashtextextended((${imageOf(definition)}) COLLATE "C", 0)`,
  };
}

function columnPart(column: ColumnDefinition): KeyPart {
  const collation = column.collation === "" ? "" : ` COLLATE ${column.collation}`;
  const expression = `t.${quoteIdentifier(column.name)}`;
  const { name, type, operators } = column;
  return { name, expression, type, journalType: `${column.baseType}${collation}`, operators };
}

function orderOf({ expression, operators }: KeyPart): string {
  return operators ? `${expression} USING ${operators.less}` : expression;
}

/** A digest instead of the image itself: rows of megabytes stay out of the journal and of the messages. */
function imagePart(definition: TableDefinition): KeyPart {
  const expression = `encode(sha256(convert_to(${imageOf(definition)}, 'UTF8')), 'hex') COLLATE "C"`;
  return { name: rowImage, expression, type: "text", journalType: 'text COLLATE "C"', operators: undefined };
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
  return equals(keys, ({ expression }) => expression);
}

/** `w.k1 = j.k1 AND …`: the lines of a journal that name a key. */
export function matchLine(keys: readonly KeyPart[]): string {
  return equals(keys, (_, index) => `w.${journalKey(index)}`);
}

function equals(keys: readonly KeyPart[], left: (key: KeyPart, index: number) => string): string {
  return keys
    .map((key, index) => `${left(key, index)} ${key.operators?.equal ?? "="} j.${journalKey(index)}`)
    .join(" AND ");
}

/**
 * `(t."a", t."b") > ($1, $2)`: what comes behind a key in the order of the key, or up to it. A comparison of rows takes one
 * operator for all columns, so where a type has its own each column is compared by itself; the index serves for the first one.
 */
export function beside(keys: readonly KeyPart[], side: "behind" | "up to", firstPlace = 1): string {
  const places = keys.map(({ type }, index) => `$${String(firstPlace + index)}::text::${type}`);
  if (keys.some(({ operators }) => operators)) return columnsBeside(keys, side, places);
  const left = keys.map(({ expression }) => expression).join(", ");
  return `(${left}) ${side === "behind" ? ">" : "<="} (${places.join(", ")})`;
}

function columnsBeside(keys: readonly KeyPart[], side: "behind" | "up to", places: readonly string[]): string {
  const [key, ...others] = keys;
  const [place = "", ...otherPlaces] = places;
  if (!key) throw new TypeError("a key has a column");
  const { less, atMost, equal, atLeast, greater } = key.operators ?? plainOperators;
  const [strict, orEqual] = side === "behind" ? [greater, atLeast] : [less, atMost];
  const is = (operator: string): string => `${key.expression} ${operator} ${place}`;
  if (others.length === 0) return is(side === "behind" ? strict : orEqual);
  return `${is(orEqual)} AND (${is(strict)} OR (${is(equal)} AND ${columnsBeside(others, side, otherPlaces)}))`;
}

const plainOperators: KeyOperators = { less: "<", atMost: "<=", equal: "=", atLeast: ">=", greater: ">" };

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
