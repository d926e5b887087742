import { AppError } from "./core/app-error.js";
import type { ClockPort } from "./core/clock-port.js";

export interface DeadlineOptions {
  readonly limitSeconds: number;
  readonly signal?: AbortSignal | undefined;
  /** Names what is waited for in the message of the error. */
  readonly what: string;
}

/**
 * Runs `work` with a signal that aborts after `limitSeconds` or with the caller's signal. Rejects with
 * DEADLINE_EXCEEDED or ABORTED at that moment even if the work ignores its signal.
 */
export async function withDeadline<T>(
  clock: ClockPort,
  { limitSeconds, signal, what }: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal?.aborted === true) throw new AppError("ABORTED", `${what} was cancelled`);
  const end = new AbortController();
  const cut = new Promise<never>((_resolve, reject) => {
    const abort = (): void => {
      reject(new AppError("ABORTED", `${what} was cancelled`));
    };
    signal?.addEventListener("abort", abort, { once: true, signal: end.signal });
    clock.sleep(limitSeconds * 1000, end.signal).then(
      () => {
        reject(new AppError("DEADLINE_EXCEEDED", `${what} did not end within ${limitSeconds} s`));
      },
      () => undefined,
    );
  });
  const running = work(end.signal);
  // Whoever loses the race must not become an unhandled rejection.
  running.catch(() => undefined);
  cut.catch(() => undefined);
  try {
    return await Promise.race([running, cut]);
  } finally {
    end.abort();
  }
}
