import type { WitnessHolder } from "../core/witness-rules.js";

/**
 * One key at a third place, changed only by compare-and-swap on its revision. Each call has a limit of its own and may
 * be repeated; it rejects with WITNESS_UNREACHABLE when no answer came, and what it asked may then have happened.
 */
export interface WitnessPort {
  /** What the key holds, as agreed by a majority of the witness's members; undefined: it does not exist. */
  read(signal: AbortSignal): Promise<WitnessHolder | undefined>;
  /**
   * Writes the text if the key has not changed since `over` was read (undefined: it must not exist). `leaseId`: it
   * ends with that lease; empty: it stays. False: somebody else was faster.
   */
  write(entry: WitnessEntry, over: WitnessHolder | undefined, signal: AbortSignal): Promise<boolean>;
  /** Removes the key if it has not changed since it was read. */
  remove(holder: WitnessHolder, signal: AbortSignal): Promise<boolean>;
  /** A new lease of the set time to live. */
  grantLease(signal: AbortSignal): Promise<string>;
  /** False: the lease is gone, and with it what it held. */
  keepLeaseAlive(leaseId: string, signal: AbortSignal): Promise<boolean>;
  revokeLease(leaseId: string, signal: AbortSignal): Promise<void>;
}

export interface WitnessEntry {
  readonly text: string;
  readonly leaseId: string;
}
