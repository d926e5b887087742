import { AppError } from "../../shared/core/app-error.js";
import { contentLimits } from "../core/link-admission.js";
import { encodeBatch, type JournalBatch } from "../core/journal-wire.js";

/** What a server still sends of a run that is full is read and dropped up to here; beyond it, a new connection is quicker. */
const largestSurplusBytes = 64 * 1024 * 1024;

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

/**
 * What no message can hold is refused where it is read, for the link would only say how large it was. Throws
 * DATABASE_UNSUPPORTED.
 */
export function requireSendable(database: string, batch: JournalBatch): void {
  const bytes = batch.text.length + encodeBatch({ ...batch, text: Buffer.alloc(0) }).length;
  if (bytes <= contentLimits.bodyBytes) return;
  const what = batch.rows === 1 ? "one row" : `${String(batch.rows)} equal rows without a key`;
  throw new AppError(
    "DATABASE_UNSUPPORTED",
    `database ${database}: ${what} of ${batch.table} takes ${String(bytes)} bytes as text, a message ${String(contentLimits.bodyBytes)}`,
    {
      hint: `make the row smaller, or name ${batch.table} in excludedTables; bytes count twice, for they travel as hex`,
    },
  );
}
