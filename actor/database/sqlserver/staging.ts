import { AppError } from "../../../shared/core/app-error.js";
import { tableLabel } from "../../core/journal-schema.js";
import type { Cell, JournalBatch } from "../../core/journal-wire.js";
import { rowCount } from "../../core/journal-wire.js";
import sql from "mssql";
import { stagingColumn } from "./column-transport.js";
import type { Transaction } from "./connection.js";
import { quoteIdentifier } from "./quote-identifier.js";
import type { JournalledTable, TravellingColumn } from "./table-sql.js";

/**
 * A staging table of the session, filled by INSERT BULK: a hundred times faster than row by row. Its columns are c1, c2
 * … in types that the driver carries without loss; c0 counts the rows.
 */
export interface Stage {
  readonly name: string;
  readonly table: JournalledTable;
  readonly columns: readonly TravellingColumn[];
  rows: number;
}

/** Creates the staging table; `kind` tells two of the same table apart. */
export async function createStage(
  transaction: Transaction,
  table: JournalledTable,
  kind: "gone" | "rows",
  columns: readonly TravellingColumn[],
): Promise<Stage> {
  const name = `#sparesync_${kind}_${String(table.n)}`;
  const declared = columns.map((column, index) => `${staged(index)} ${stagingColumn(column, column.transport)} NULL`);
  const parts = { stage: name, columns: ["c0 int NOT NULL", ...declared].join(", ") };
  await transaction.batch(transaction.text("apply/create-stage", parts));
  return { name, table, columns, rows: 0 };
}

export async function dropStage(transaction: Transaction, stage: Pick<Stage, "name">): Promise<void> {
  await transaction.batch(transaction.text("apply/drop-stage", { stage: stage.name }));
}

/** Adds the columns of `values`, one array of cells for each column of the stage. */
export async function fillStage(
  transaction: Transaction,
  stage: Stage,
  values: readonly (readonly Cell[])[],
): Promise<void> {
  const count = values[0]?.length ?? 0;
  if (count === 0) return;
  const rows: unknown[][] = [];
  for (let at = 0; at < count; at += 1) {
    rows.push([
      stage.rows + at,
      ...stage.columns.map((column, index) => bulkValue(stage.table, column, values[index]?.[at] ?? null)),
    ]);
  }
  const columns = stage.columns.map((column, index) => ({ name: staged(index), type: column.transport.bulkType }));
  await transaction.bulk(stage.name, [{ name: "c0", type: sql.Int }, ...columns], rows);
  stage.rows += count;
}

function bulkValue(table: JournalledTable, column: TravellingColumn, cell: Cell): unknown {
  if (cell === null) return null;
  try {
    return column.transport.toBulk(cell);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const where = `${tableLabel(table.definition)}.${column.name}`;
    throw new AppError("DATABASE_FAILED", `a value for ${where} does not fit ${column.baseType}: ${error.message}`);
  }
}

/** The columns of a batch in the order of `columns`; a batch that lacks one was read from another schema. */
export function valuesFor(
  columns: readonly { readonly name: string }[],
  batch: JournalBatch,
): readonly (readonly Cell[])[] {
  return columns.map(({ name }) => {
    const values = batch.values[batch.columns.indexOf(name)];
    if (!values) throw new TypeError(`a batch of ${batch.table} lacks the column ${name}`);
    return values;
  });
}

/** `c1`, `c2` …: the staging table's own names. */
export function staged(index: number): string {
  return `c${String(index + 1)}`;
}

/** What each staged column is restored to, in the order of the columns. */
export function restored(stage: Pick<Stage, "columns">): readonly string[] {
  return stage.columns.map((column, index) => column.transport.restore(`s.${staged(index)}`));
}

/** `t.[a] = CAST(s.c1 AS int) AND …`: the row of a staged key. */
export function matchStage(stage: Pick<Stage, "columns">, keys: readonly string[]): string {
  const values = restored(stage);
  return keys
    .map((key) => {
      const at = stage.columns.findIndex((column) => column.name === key);
      return `t.${quoteIdentifier(key)} = ${values[at] ?? "NULL"}`;
    })
    .join(" AND ");
}

/** Values of keys, given as one array for each key column, in a stage of their own. */
export async function stageKeys(
  transaction: Transaction,
  table: JournalledTable,
  keyColumns: readonly TravellingColumn[],
  keys: readonly (readonly Cell[])[],
): Promise<Stage> {
  const stage = await createStage(transaction, table, "gone", keyColumns);
  await fillStage(transaction, stage, keys);
  return stage;
}

/** The places and values of sequences, as texts. */
export async function stageSequences(transaction: Transaction, batch: JournalBatch): Promise<string> {
  const name = "#sparesync_sequences";
  const columns = "c1 nvarchar(128) NOT NULL, c2 nvarchar(128) NOT NULL, c3 nvarchar(60) NOT NULL";
  await transaction.batch(transaction.text("apply/create-stage", { stage: name, columns }));
  const values = valuesFor(
    ["schema", "name", "value"].map((each) => ({ name: each })),
    batch,
  );
  const rows = Array.from({ length: rowCount(batch) }, (_, at) => values.map((column) => column[at] ?? null));
  const types = [() => sql.NVarChar(128), () => sql.NVarChar(128), () => sql.NVarChar(60)];
  await transaction.bulk(
    name,
    types.map((type, index) => ({ name: staged(index), type })),
    rows,
  );
  return name;
}
