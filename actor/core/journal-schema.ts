import { createHash } from "node:crypto";
import { expressionWords } from "./expression-words.js";

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
  /** What the server computes or allows by an expression, as it writes it itself. */
  readonly rules?: readonly RuleDefinition[];
}

/** `name` tells which release wrote the expression: two of them may write the same one in other words. */
export interface RuleDefinition {
  readonly name: string;
  readonly says: string;
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
  const rules = (table.rules ?? []).map(({ name, says }) => `(rule) ${name}: ${says}`);
  return [...lines.sort(), ...types.sort(), ...rules.sort(), `key (${keyNames(table).join(", ")})`];
}

const typeLine = /^\(type\) .+?: (?=enum |domain over )/;
const ruleLine = /^\(rule\) .+?: /;

/** Which type or rule a line is about; undefined for any other line. */
function subjectOf(line: string): string | undefined {
  return (typeLine.exec(line) ?? ruleLine.exec(line))?.[0];
}

/** The lines of a shape by what they are about. */
export function splitShape(shape: readonly string[]): Readonly<Record<"plain" | "types" | "rules", string[]>> {
  return {
    plain: shape.filter((line) => subjectOf(line) === undefined),
    types: shape.filter((line) => typeLine.test(line)),
    rules: shape.filter((line) => ruleLine.test(line)),
  };
}

/**
 * Lines that the other shape lacks. One that says nothing at all of a type or a rule was written before these were looked at,
 * or by a server that may write the same rule in other words.
 */
function linesMissing(shape: readonly string[], other: readonly string[]): readonly string[] {
  const known = new Set(other.map(subjectOf));
  const said = new Set(other.map(expressionWords));
  return shape.filter((line) => !said.has(expressionWords(line)) && known.has(subjectOf(line)));
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
 * changes no row, nor does what each side computes for itself: both are no part of the mark.
 */
export function tableMark(journalMark: string, shape: readonly string[]): string {
  const digest = createHash("sha256")
    .update(JSON.stringify(splitShape(shape).plain))
    .digest("hex");
  return `${journalMark}-${digest.slice(0, 16)}`;
}
