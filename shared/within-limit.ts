import { AppError } from "./core/app-error.js";
import type { ClockPort } from "./core/clock-port.js";

export interface WithinLimitOptions {
  readonly clock: ClockPort;
  readonly limitSeconds: number;
  /** Ends the work early; the result is then AppError ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** Names the work in the message of a missed deadline: "the test page". */
  readonly what: string;
}

/**
 * Runs the work with a deadline. Rejects with DEADLINE_EXCEEDED or ABORTED at once, even when the work ignores its
 * signal; the work's signal is aborted in every case at the end, so that whatever it left open can be closed.
 */
export async function withinLimit<T>(
  { clock, limitSeconds, signal, what }: WithinLimitOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const isCancelled = (): boolean => signal?.aborted === true;
  if (isCancelled()) throw new AppError("ABORTED", `${what} was cancelled`);
  const ending = new AbortController();
  // Not AbortSignal.any: on Node 20 it keeps a reference per call on a signal that lives as long as the process.
  const forward = (): void => {
    ending.abort();
  };
  signal?.addEventListener("abort", forward, { once: true });
  const deadline = clock.sleep(limitSeconds * 1000, ending.signal).then(() => {
    throw new AppError("DEADLINE_EXCEEDED", `${what} took longer than ${limitSeconds} s`);
  });
  try {
    return await Promise.race([work(ending.signal), deadline]);
  } catch (error) {
    if (isCancelled()) throw new AppError("ABORTED", `${what} was cancelled`, { cause: error });
    throw error;
  } finally {
    signal?.removeEventListener("abort", forward);
    ending.abort();
  }
}
