/**
 * Time as a port. Waits use the monotonic clock; wall-clock times are for people, records and TSIG. The simulation
 * implements it with virtual time, so nothing else in the product may read a clock or set a timer (lint).
 */
export interface ClockPort {
  /** Milliseconds since some fixed moment; never goes back; stands still in no case but a frozen machine. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01 UTC; may jump. */
  wallMs(): number;
  /** Resolves after `ms`; rejects with AppError ABORTED as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Identifiers and nonces as a port, so that a simulated run repeats exactly. */
export interface RandomPort {
  /** A new identifier: lower-case letters and digits only (PowerDNS compares a TXT without regard to case). */
  id(): string;
}
