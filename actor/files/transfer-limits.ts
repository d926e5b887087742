/** How the link is used for files; the settings `files.…`. */
export interface TransferLimits {
  /** Batches on their way at a time, each on a connection of its own. */
  readonly connections: number;
  /** Batches are compressed when that saves a tenth at least. */
  readonly isCompressed: boolean;
  /** Bytes per second on the wire; 0 for no limit. */
  readonly bytesPerSecond: number;
}

export const defaultTransferLimits: TransferLimits = { connections: 2, isCompressed: false, bytesPerSecond: 0 };
