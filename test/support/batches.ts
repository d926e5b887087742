import { rowsOf, type JournalBatch } from "../../actor/core/journal-wire.js";

/** Batches as the product reads them from its spool. */
export async function* iterate(batches: readonly JournalBatch[]): AsyncGenerator<JournalBatch> {
  for (const batch of batches) yield await Promise.resolve(batch);
}

/** A writer that keeps what it is given. */
export function keepIn(batches: JournalBatch[]): (batch: JournalBatch) => Promise<void> {
  return (batch) => {
    batches.push(batch);
    return Promise.resolve();
  };
}

/** First column of every row that a point writes or deletes. */
export function keysIn(batches: readonly JournalBatch[]): string[] {
  return batches
    .filter((batch) => batch.kind === "rows" || batch.kind === "gone")
    .flatMap((batch) => rowsOf(batch).map((row) => String(row[0])));
}
