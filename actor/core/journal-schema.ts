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
}

/** A table that can be synchronised. `keyColumns` is its primary key or else a unique index over NOT NULL columns. */
export interface TableDefinition {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
  readonly keyColumns: readonly string[];
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

/** What must be equal on both sides, one line per column, whatever their order: readable when it differs. */
export function tableShape(table: TableDefinition): readonly string[] {
  const lines = table.columns.map((column) => {
    const parts = [column.name, column.type, column.collation, column.isNotNull ? "not null" : "", column.identity];
    return [...parts, column.isGenerated ? "generated" : ""].join(" ").replaceAll(/ +/g, " ").trim();
  });
  return [...lines.sort(), `key (${table.keyColumns.join(", ")})`];
}

/** The shapes of all tables by label, as sent to the other side. */
export function schemaShape(tables: readonly TableDefinition[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(tables.map((table) => [tableLabel(table), tableShape(table)]));
}

/** What differs between the tables of the two sides, one sentence each; empty when they fit. */
export function compareSchemas(
  source: Readonly<Record<string, readonly string[]>>,
  target: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  const differences: string[] = [];
  for (const [label, shape] of Object.entries(source)) {
    const other = target[label];
    if (!other) {
      differences.push(`the table ${label} is missing on the target`);
      continue;
    }
    for (const line of shape) {
      if (!other.includes(line)) differences.push(`${label}: the source has "${line}", the target has not`);
    }
    for (const line of other) {
      if (!shape.includes(line)) differences.push(`${label}: the target has "${line}", the source has not`);
    }
  }
  for (const label of Object.keys(target)) {
    if (!(label in source)) differences.push(`the table ${label} is missing on the source`);
  }
  return differences;
}
