import { z } from "zod";

/** A value in the database's own text form, exact for every type; null is NULL. */
export type Cell = string | null;

/** Rows of one table of one kind, column by column: the form that a set-based statement takes as its parameters. */
export interface JournalBatch {
  readonly kind: "rows" | "gone" | "truncated" | "sequences";
  /** Label of the table; "" for sequences. */
  readonly table: string;
  /** `rows`: the copied columns. `gone`: the key columns. `sequences`: schema, name, value. */
  readonly columns: readonly string[];
  readonly values: readonly (readonly Cell[])[];
}

const cells = z.array(z.union([z.string(), z.null()]));
const batchForm = z.strictObject({
  kind: z.enum(["rows", "gone", "truncated", "sequences"]),
  table: z.string(),
  columns: z.array(z.string()),
  values: z.array(cells),
});

/** Turns rows into columns. */
export function batchOfRows(
  head: Omit<JournalBatch, "values">,
  rows: readonly (readonly Cell[])[],
  offset = 0,
): JournalBatch {
  const values = head.columns.map((_, index) => rows.map((row) => row[offset + index] ?? null));
  return { ...head, values };
}

export function rowCount(batch: JournalBatch): number {
  return batch.values[0]?.length ?? 0;
}

/** One row of a batch, by position. */
export function rowAt(batch: JournalBatch, index: number): readonly Cell[] {
  return batch.values.map((column) => column[index] ?? null);
}

/** The keys of the rows of a batch of kind `rows` or `gone`. */
export function keysOf(batch: JournalBatch, keyColumns: readonly string[]): readonly (readonly Cell[])[] {
  return keyColumns.map((name) => {
    const values = batch.values[batch.columns.indexOf(name)];
    if (!values) throw new TypeError(`a batch of ${batch.table} lacks the key column ${name}`);
    return values;
  });
}

export function encodeBatch(batch: JournalBatch): Buffer {
  return Buffer.from(JSON.stringify(batch));
}

/** Reads a batch from outside. Throws a TypeError when it is not of the form, or its columns differ in length. */
export function decodeBatch(body: Uint8Array): JournalBatch {
  const parsed = batchForm.safeParse(parseJson(body));
  if (!parsed.success) throw new TypeError("a database batch is not of the expected form");
  const batch = parsed.data;
  const isEven = batch.values.every((column) => column.length === batch.values[0]?.length);
  if (!isEven || batch.values.length !== batch.columns.length) {
    throw new TypeError(`a database batch of ${batch.table} has columns of different length`);
  }
  return batch;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}
