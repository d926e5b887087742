import { AppError } from "./core/app-error.js";
import type { ClockPort } from "./core/clock-port.js";

/** setTimeout fires at once above this (2^31 - 1 ms, 24.8 days): longer sleeps are cut into pieces. */
const longestTimerMs = 2_147_483_647;

/** The machine's clocks and timers. Only the programs' main files use it; all other code is given a ClockPort. */
export function createSystemClock(): ClockPort {
  return {
    monotonicMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
    wallMs: () => Date.now(),
    sleep: sleepLong,
  };
}

async function sleepLong(ms: number, signal?: AbortSignal): Promise<void> {
  let remainingMs = Math.max(0, ms);
  do {
    const pieceMs = Math.min(remainingMs, longestTimerMs);
    await sleepOnce(pieceMs, signal);
    remainingMs -= pieceMs;
  } while (remainingMs > 0);
}

function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(new AppError("ABORTED", "a wait was cancelled", { cause: signal?.reason }));
    };
    const timer = setTimeout(() => {
      // A listener left on a signal that lives as long as the process would be a leak per sleep.
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
