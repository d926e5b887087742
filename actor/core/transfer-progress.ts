/** How far a transfer is, as counted so far. */
export interface TransferCounts {
  readonly doneFiles: number;
  readonly totalFiles: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly elapsedMs: number;
}

export interface TransferProgress extends Omit<TransferCounts, "elapsedMs"> {
  readonly bytesPerSecond: number;
  /** 0 when it cannot be told yet. */
  readonly secondsLeft: number;
}

/** Before so long a rate says more about the beginning than about the rest. */
const settledMs = 1000;

/**
 * Rate and time left. A byte and a file both take time: what is left is the larger of both shares, so that ten thousand
 * empty files behind a large one do not count as nothing.
 */
export function describeTransfer({ elapsedMs, ...counts }: TransferCounts): TransferProgress {
  const seconds = elapsedMs / 1000;
  const bytesPerSecond = elapsedMs < settledMs ? 0 : Math.round(counts.doneBytes / seconds);
  const doneShare = Math.min(
    shareOf(counts.doneFiles, counts.totalFiles),
    counts.totalBytes === 0 ? 1 : shareOf(counts.doneBytes, counts.totalBytes),
  );
  const isTold = elapsedMs >= settledMs && doneShare > 0;
  return { ...counts, bytesPerSecond, secondsLeft: isTold ? Math.round((seconds / doneShare) * (1 - doneShare)) : 0 };
}

function shareOf(done: number, total: number): number {
  return total === 0 ? 0 : Math.min(1, done / total);
}
