import { AppError } from "./core/app-error.js";
import type { ClockPort } from "./core/clock-port.js";

export interface DeadlineOptions {
  readonly limitSeconds: number;
  readonly signal?: AbortSignal | undefined;
  /** Names what is waited for in the message of the error. */
  readonly what: string;
}

/** Why the signal of work that is over is aborted; made once, because a new one for each wait costs more than the wait. */
const over = new AppError("ABORTED", "the wait is over");

/**
 * Runs `work` with a signal that aborts after `limitSeconds` or with the caller's signal. Rejects with
 * DEADLINE_EXCEEDED or ABORTED at that moment even if the work ignores its signal; what it does then is dropped.
 * The one way to limit a wait: its only timer is the clock port's, so the simulation runs it in virtual time.
 */
export async function withDeadline<Result>(
  clock: ClockPort,
  { limitSeconds, signal, what }: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (signal?.aborted === true) throw new AppError("ABORTED", `${what} was cancelled`);
  // Ends the work and the timer.
  const end = new AbortController();
  let abort = (): void => undefined;
  const cut = new Promise<never>((_resolve, reject) => {
    abort = () => {
      reject(new AppError("ABORTED", `${what} was cancelled`));
      end.abort(over);
    };
    clock.sleep(limitSeconds * 1000, end.signal).then(
      () => {
        reject(new AppError("DEADLINE_EXCEEDED", `${what} did not end within ${limitSeconds} s`));
        end.abort(over);
      },
      () => undefined,
    );
  });
  signal?.addEventListener("abort", abort);
  // Whoever loses the race must not become an unhandled rejection.
  cut.catch(() => undefined);
  try {
    const running = work(end.signal);
    running.catch(() => undefined);
    return await Promise.race([cut, running]);
  } finally {
    // The caller's signal may live as long as the process.
    signal?.removeEventListener("abort", abort);
    end.abort(over);
  }
}
