import type { TransferProgress } from "./transfer-progress.js";

/** About how large a table is on its source; 0 rows: not known. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}

/** A table of a copy: rows that the target has of it, and bytes of it sent since this copy was begun or taken up again. */
export interface TableProgress {
  readonly table: string;
  readonly isDone: boolean;
  readonly rows: number;
  readonly sentBytes: number;
}

/** A copy of several tables, for people. */
export interface CopyTransfer extends TransferProgress {
  /** The one under way. */
  readonly table: string;
  readonly rows: number;
}

/** What is known of a size is an estimate: before the target has said so, nothing is called done. */
const largestShareUnderWay = 0.99;
/** Before so long a rate says more about the beginning than about the rest. */
const settledMs = 1000;

/**
 * Which share of a copy is done, by the bytes of its tables on the source (of tables whose sizes nobody knows: by their number). Of the
 * table under way it is the share of its rows, or, where their number is not known, what was sent beside its size.
 */
export function copiedShare(tables: readonly TableProgress[], sizes: readonly TableSize[]): number {
  const known = new Map(sizes.map((size) => [size.table, size]));
  let done = 0;
  let total = 0;
  for (const progress of tables) {
    const size = known.get(progress.table);
    // An empty table is one step as well, and no more than that beside a large one.
    const weight = Math.max(1, size?.bytes ?? 1);
    total += weight;
    done += weight * (progress.isDone ? 1 : shareOf(progress, size));
  }
  return total === 0 ? 1 : done / total;
}

function shareOf({ rows, sentBytes }: TableProgress, size: TableSize | undefined): number {
  if (!size) return 0;
  const share = size.rows > 0 ? rows / size.rows : sentBytes / Math.max(1, size.bytes);
  return Math.min(largestShareUnderWay, share);
}

/** Rate, and how long the rest takes at the pace since `shareBefore`, which was done when it was begun or taken up again. */
export function describeCopy(
  tables: readonly TableProgress[],
  sizes: readonly TableSize[],
  time: { readonly elapsedMs: number; readonly shareBefore: number },
): CopyTransfer {
  const share = copiedShare(tables, sizes);
  const labels = new Set(tables.map(({ table }) => table));
  const totalBytes = sizes.filter(({ table }) => labels.has(table)).reduce((sum, { bytes }) => sum + bytes, 0);
  const sentBytes = tables.reduce((sum, table) => sum + table.sentBytes, 0);
  const seconds = time.elapsedMs / 1000;
  const isSettled = time.elapsedMs >= settledMs;
  const gained = share - time.shareBefore;
  return {
    table: tables.find(({ isDone }) => !isDone)?.table ?? "",
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    doneFiles: tables.filter(({ isDone }) => isDone).length,
    totalFiles: tables.length,
    doneBytes: totalBytes === 0 ? sentBytes : Math.round(share * totalBytes),
    totalBytes,
    bytesPerSecond: isSettled ? Math.round(sentBytes / seconds) : 0,
    secondsLeft: isSettled && gained > 0 ? Math.round((seconds / gained) * (1 - share)) : 0,
  };
}
