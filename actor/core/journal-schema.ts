import { createHash } from "node:crypto";

/** A column as both sides must have it. Types are written as the database's own catalogue writes them. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  /** The type under all domains; the journal's key columns have it, because a truncation is noted by a NULL key. */
  readonly baseType: string;
  readonly collation: string;
  readonly isNotNull: boolean;
  readonly identity: "" | "always" | "by-default";
  readonly isGenerated: boolean;
  /** Of a column of the key whose type brings operators of its own; without, those of the system are meant. */
  readonly operators?: KeyOperators;
}

/** What compares two values of a type, as it stands between them in a statement: `OPERATOR(public.<)`. */
export interface KeyOperators {
  readonly less: string;
  readonly atMost: string;
  readonly equal: string;
  readonly atLeast: string;
  readonly greater: string;
}

/**
 * A table that can be synchronised. `keyColumns` is its primary key or else a unique index over NOT NULL columns; empty
 * when there is neither: then a row is named by its whole image, and equal rows are told apart by their number only.
 */
export interface TableDefinition {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
  readonly keyColumns: readonly string[];
  /** The enumerations and domains in its columns: a value that one side knows may be none on the other. */
  readonly types?: readonly TypeDefinition[];
}

/** `says`: what its values may be, as a person reads it. */
export interface TypeDefinition {
  readonly name: string;
  readonly says: string;
}

/** A table that cannot be synchronised, and why; it must be changed or excluded. */
export interface TableRefusal {
  readonly table: string;
  readonly because: string;
}

/** The name people know a table by, and by which both sides match it. */
export function tableLabel(table: { readonly schema: string; readonly name: string }): string {
  return `${table.schema}.${table.name}`;
}

/** What stands for the key in the batches of a table that has none: a digest of the whole row. */
export const rowImage = "(row)";

/** True when rows are named by their whole image. */
export function isKeyless(table: TableDefinition): boolean {
  return table.keyColumns.length === 0;
}

/** What names a row of the table in batches of kind `gone` and `hashes`, in a copy's last key and in ranges. */
export function keyNames(table: TableDefinition): readonly string[] {
  return isKeyless(table) ? [rowImage] : table.keyColumns;
}

/** Columns whose values are copied: a generated column is computed again on the other side. */
export function copiedColumns(table: TableDefinition): readonly ColumnDefinition[] {
  return table.columns.filter((column) => !column.isGenerated);
}

/** The columns of the key, in the order of the key. */
export function keyColumnsOf(table: TableDefinition): readonly ColumnDefinition[] {
  return table.keyColumns.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (!column) throw new TypeError(`the key of ${tableLabel(table)} names no column: ${name}`);
    return column;
  });
}

/** What must be equal on both sides, one line per column and type, whatever their order: readable when it differs. */
export function tableShape(table: TableDefinition): readonly string[] {
  const lines = table.columns.map((column) => {
    const parts = [column.name, column.type, column.collation, column.isNotNull ? "not null" : "", column.identity];
    return [...parts, column.isGenerated ? "generated" : ""].join(" ").replaceAll(/ +/g, " ").trim();
  });
  const types = (table.types ?? []).map(({ name, says }) => `(type) ${name}: ${says}`);
  return [...lines.sort(), ...types.sort(), `key (${keyNames(table).join(", ")})`];
}

/** The name of the type that a line is about; undefined for any other line. */
function typeOfLine(line: string): string | undefined {
  return /^\(type\) (.+?): (?:enum|domain over) /.exec(line)?.[1];
}

/** The lines of a shape by whether they are about types. */
export function splitShape(shape: readonly string[]): { readonly plain: string[]; readonly types: string[] } {
  const types = shape.filter((line) => typeOfLine(line) !== undefined);
  return { plain: shape.filter((line) => !types.includes(line)), types };
}

/** Lines that the other shape lacks. One that says nothing at all of a type was written before types were looked at. */
function linesMissing(shape: readonly string[], other: readonly string[]): readonly string[] {
  const known = new Set(other.map(typeOfLine));
  return shape.filter((line) => !other.includes(line) && known.has(typeOfLine(line)));
}

/** The shapes of all tables by label, as sent to the other side. */
export function schemaShape(tables: readonly TableDefinition[]): SchemaShape {
  return Object.fromEntries(tables.map((table) => [tableLabel(table), tableShape(table)]));
}

/** The tables of a schema by label, each with its lines. */
export type SchemaShape = Readonly<Record<string, readonly string[]>>;

/** What differs between what is installed and what is there now, one sentence each; empty when nothing changed. */
export function describeChanges(installed: SchemaShape, present: SchemaShape): readonly string[] {
  const changes: string[] = [];
  for (const [label, shape] of Object.entries(present)) {
    const before = installed[label];
    if (!before) {
      changes.push(`the table ${label} is new`);
      continue;
    }
    for (const line of linesMissing(shape, before)) changes.push(`${label}: "${line}" is new`);
    for (const line of linesMissing(before, shape)) changes.push(`${label}: "${line}" is gone`);
  }
  for (const label of Object.keys(installed)) if (!(label in present)) changes.push(`the table ${label} is gone`);
  return changes;
}

/** What differs between the tables of the two sides, one sentence each; empty when they fit. */
export function compareSchemas(source: SchemaShape, target: SchemaShape): readonly string[] {
  const differences: string[] = [];
  for (const [label, shape] of Object.entries(source)) {
    const other = target[label];
    if (!other) {
      differences.push(`the table ${label} is missing on the target`);
      continue;
    }
    for (const line of linesMissing(shape, other)) {
      differences.push(`${label}: the source has "${line}", the target has not`);
    }
    for (const line of linesMissing(other, shape)) {
      differences.push(`${label}: the target has "${line}", the source has not`);
    }
  }
  for (const label of Object.keys(target)) {
    if (!(label in source)) differences.push(`the table ${label} is missing on the source`);
  }
  return differences;
}

/**
 * A mark names one journal of a table in one shape. `journalMark`: made with the journal. What the values of a type may be
 * changes no row: it is no part of the mark.
 */
export function tableMark(journalMark: string, shape: readonly string[]): string {
  const digest = createHash("sha256")
    .update(JSON.stringify(splitShape(shape).plain))
    .digest("hex");
  return `${journalMark}-${digest.slice(0, 16)}`;
}
