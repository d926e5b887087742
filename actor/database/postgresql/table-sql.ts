import type { ColumnDefinition, TableDefinition } from "../../core/journal-schema.js";
import { copiedColumns, keyColumnsOf } from "../../core/journal-schema.js";
import type { Cell } from "../../core/journal-wire.js";
import { quoteIdentifier, quoteTable } from "./quote-identifier.js";

/** A table with the number under which its journal is kept: names of the journal never come from the user's names. */
export interface JournalledTable {
  readonly n: number;
  readonly definition: TableDefinition;
}

export function journalName(n: number): string {
  return `j_${String(n)}`;
}

/** Text parts of the statements about one table. All names in them are quoted. */
export function tableSql(table: JournalledTable): {
  readonly table: string;
  readonly journal: string;
  readonly columns: readonly ColumnDefinition[];
  readonly keys: readonly ColumnDefinition[];
  /** k1, k2 …: the journal's own names for the key columns. */
  readonly journalKeys: string;
  readonly quotedKeys: string;
} {
  const keys = keyColumnsOf(table.definition);
  return {
    table: quoteTable(table.definition),
    journal: journalName(table.n),
    columns: copiedColumns(table.definition),
    keys,
    journalKeys: keys.map((_, index) => journalKey(index)).join(", "),
    quotedKeys: keys.map((column) => quoteIdentifier(column.name)).join(", "),
  };
}

export function journalKey(index: number): string {
  return `k${String(index + 1)}`;
}

/** A value as the text its type reads back exactly. The plain cast would cut a char's trailing blanks. */
export function textOf(expression: string, column: ColumnDefinition): string {
  return /^(character\(|character$|bpchar)/.test(column.baseType)
    ? `textin(bpcharout(${expression}))`
    : `${expression}::text`;
}

/** `t."a" = j.k1 AND …`: the row of a journalled key. */
export function matchJournal(keys: readonly ColumnDefinition[]): string {
  return keys.map((column, index) => `t.${quoteIdentifier(column.name)} = j.${journalKey(index)}`).join(" AND ");
}

/** Text parts that turn arrays of text, one per column, into typed rows `s`. */
export function unnestSql(columns: readonly ColumnDefinition[]): {
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

/** A text literal; only for texts of our own (identifiers of points and histories), never for data. */
export function literal(text: string): string {
  if (!/^[a-z0-9-]*$/.test(text)) throw new TypeError(`not an identifier of ours: ${text}`);
  return `'${text}'`;
}

/** The columns of a batch in the order of `columns`; a batch that lacks one was read from another schema. */
export function arraysFor(
  columns: readonly { readonly name: string }[],
  batch: { readonly columns: readonly string[]; readonly values: readonly (readonly Cell[])[] },
): readonly (readonly Cell[])[] {
  return columns.map(({ name }) => {
    const values = batch.values[batch.columns.indexOf(name)];
    if (!values) throw new TypeError(`a batch lacks the column ${name}`);
    return values;
  });
}
