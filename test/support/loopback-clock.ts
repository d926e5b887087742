import { AppError } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";

/** Real time, for tests over real sockets: virtual time cannot wait for the kernel. */
export const loopbackClock: ClockPort = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      const abort = () => {
        clearTimeout(timer);
        reject(new AppError("ABORTED", "a wait was cancelled"));
      };
      if (signal?.aborted === true) abort();
      else signal?.addEventListener("abort", abort, { once: true });
    }),
};

/** Identifiers that are different and repeat exactly. */
export function countingRandom(prefix: string): RandomPort {
  let last = 0;
  return {
    id: () => {
      last += 1;
      return `${prefix}${last}`;
    },
  };
}

/** Waits until something real has happened, for at most two seconds. */
export async function until(what: string, isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 2000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`not within two seconds: ${what}`);
    await loopbackClock.sleep(2);
  }
}
