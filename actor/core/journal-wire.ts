import { z } from "zod";
import { decodeCopyLine, encodeCopyLine } from "./copy-text.js";

/** A value in the database's own text form, exact for every type; null is NULL. */
export type Cell = string | null;

const kinds = ["rows", "gone", "truncated", "sequences", "hashes"] as const;

/**
 * Rows of one table of one kind. They stay the text that the source's server wrote (COPY's text format, one line a row),
 * so that nothing between the two servers needs to understand them.
 */
export interface JournalBatch {
  /** `hashes`: key columns and the hash of the row, for the comparison of a range. */
  readonly kind: (typeof kinds)[number];
  /** Label of the table; "" for sequences. */
  readonly table: string;
  /** `rows`: the copied columns. `gone`: what names a row. `sequences`: schema, name, value. */
  readonly columns: readonly string[];
  readonly rows: number;
  readonly text: Buffer;
}

export type BatchHead = Pick<JournalBatch, "kind" | "table" | "columns">;

const headForm = z.strictObject({
  kind: z.enum(kinds),
  table: z.string(),
  columns: z.array(z.string()),
  rows: z.int().min(0),
});
const newline = 10;
const none = Buffer.alloc(0);

/** Makes a batch of rows; `offset` leaves out the first cells of each. */
export function batchOfRows(head: BatchHead, rows: readonly (readonly Cell[])[], offset = 0): JournalBatch {
  const width = head.columns.length;
  const lines = rows.map((row) => encodeCopyLine(head.columns.map((_, at) => row[offset + at] ?? null)));
  if (width === 0 && rows.length > 0) throw new TypeError(`rows of ${head.table} have no columns`);
  return { ...pickHead(head), rows: rows.length, text: Buffer.from(lines.join("")) };
}

/** A batch that says something about a table as a whole. */
export function emptyBatch(head: BatchHead): JournalBatch {
  return { ...pickHead(head), rows: 0, text: none };
}

/** The rows of a batch. Throws a TypeError when a line has another number of cells than there are columns. */
export function rowsOf(batch: JournalBatch): readonly (readonly Cell[])[] {
  if (batch.rows === 0) return [];
  const lines = batch.text.toString("utf8").split("\n");
  lines.pop();
  return lines.map((line) => {
    const row = decodeCopyLine(line);
    if (row.length !== batch.columns.length) throw uneven(batch.table);
    return row;
  });
}

/** The rows column by column: the form that a set-based statement takes as its parameters. */
export function valuesOf(batch: JournalBatch): readonly (readonly Cell[])[] {
  const rows = rowsOf(batch);
  return batch.columns.map((_, at) => rows.map((row) => row[at] ?? null));
}

/** What names the rows of a batch, column by column; throws a TypeError when the batch lacks one of `names`. */
export function keysOf(batch: JournalBatch, names: readonly string[]): readonly (readonly Cell[])[] {
  const values = valuesOf(batch);
  return names.map((name) => {
    const column = values[batch.columns.indexOf(name)];
    if (!column) throw new TypeError(`a batch of ${batch.table} lacks the key column ${name}`);
    return column;
  });
}

/** One line of JSON about the batch, then its text as it is. */
export function encodeBatch(batch: JournalBatch): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ ...pickHead(batch), rows: batch.rows })}\n`), batch.text]);
}

/** Reads a batch from outside. Throws a TypeError when it is not of the form, or holds another number of lines. */
export function decodeBatch(body: Uint8Array): JournalBatch {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const end = buffer.indexOf(newline);
  const parsed = headForm.safeParse(parseJson(end < 0 ? none : buffer.subarray(0, end)));
  if (!parsed.success) throw new TypeError("a database batch is not of the expected form");
  const text = buffer.subarray(end + 1);
  if (countLines(text) !== parsed.data.rows) throw uneven(parsed.data.table);
  return { ...parsed.data, text };
}

/** Number of lines; the last one must be ended too. */
export function countLines(text: Uint8Array): number {
  let count = 0;
  for (let at = text.indexOf(newline); at >= 0; at = text.indexOf(newline, at + 1)) count += 1;
  const isEnded = text.length === 0 || text[text.length - 1] === newline;
  return isEnded ? count : -1;
}

function pickHead({ kind, table, columns }: BatchHead): BatchHead {
  return { kind, table, columns };
}

function uneven(table: string): TypeError {
  return new TypeError(`a database batch of ${table} has rows of different length`);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
