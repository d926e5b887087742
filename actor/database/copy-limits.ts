import { AppError } from "../../shared/core/app-error.js";
import { contentLimits } from "../core/link-admission.js";
import { encodeBatch, rowsOf, type JournalBatch } from "../core/journal-wire.js";

/** What a server still sends of a run that is full is read and dropped up to here; beyond it, a new connection is quicker. */
export const largestSurplusBytes = 64 * 1024 * 1024;

/** Told of each piece of a run that is beyond its end. */
export type DropSurplus = (bytes: number) => void;

/**
 * Reads a run of which the end is known only while it is read. When too much comes behind the end, the reading is
 * cancelled and counts as done: then what `read` has kept is right, though it rejected.
 */
export async function readRun(
  signal: AbortSignal,
  read: (within: AbortSignal, drop: DropSurplus) => Promise<void>,
): Promise<void> {
  const enough = new AbortController();
  // Not AbortSignal.any: it keeps a trace of every call on a signal that lives as long as the role.
  const abort = (): void => {
    enough.abort();
  };
  let surplus = 0;
  const drop = (bytes: number): void => {
    surplus += bytes;
    if (surplus > largestSurplusBytes) enough.abort();
  };
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    await read(enough.signal, drop);
  } catch (error) {
    if (signal.aborted || surplus <= largestSurplusBytes) throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Of a key that is named, no more than this is shown of each value. */
const shownCharacters = 100;

/**
 * What no message can hold is refused where it is read, for the link would only say how large it was. Throws
 * DATABASE_UNSUPPORTED, naming the row by its key and its largest value.
 */
export function requireSendable(database: string, batch: JournalBatch, keyColumns: readonly string[]): void {
  const bytes = batch.text.length + encodeBatch({ ...batch, text: Buffer.alloc(0) }).length;
  if (bytes <= contentLimits.bodyBytes) return;
  const what = batch.rows === 1 ? describeRow(batch, keyColumns) : `${String(batch.rows)} rows of ${batch.table}`;
  throw new AppError(
    "DATABASE_UNSUPPORTED",
    `database ${database}: ${what}: ${String(bytes)} bytes as text, of which a message takes ${String(contentLimits.bodyBytes)}`,
    {
      hint: `make that value smaller, or name ${batch.table} in excludedTables; bytes count twice, for they travel as hex`,
    },
  );
}

function describeRow(batch: JournalBatch, keyColumns: readonly string[]): string {
  const [row = []] = rowsOf(batch);
  const lengths = row.map((cell) => Buffer.byteLength(cell ?? ""));
  const largest = Math.max(...lengths);
  const column = batch.columns[lengths.indexOf(largest)] ?? "";
  const keys = keyColumns.map(
    (name) => `${name} = ${(row[batch.columns.indexOf(name)] ?? "").slice(0, shownCharacters)}`,
  );
  const which = keys.length === 0 ? "a row" : `the row ${keys.join(", ")}`;
  return `${which} of ${batch.table} is too large, its column ${column} alone has ${String(largest)}`;
}
