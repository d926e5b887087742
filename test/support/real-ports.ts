import { randomBytes } from "node:crypto";
import { AppError } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";

/** The machine's own time, for tests against real servers. */
export const realClock: ClockPort = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(new AppError("ABORTED", "cancelled"));
      };
      if (signal?.aborted === true) {
        reject(new AppError("ABORTED", "cancelled"));
        return;
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, ms);
      signal?.addEventListener("abort", stop, { once: true });
    }),
};

export const realRandom: RandomPort = { id: () => randomBytes(8).toString("hex") };

/** Keeps the names of what was logged. */
export function quietLog(): LoggerPort & { readonly events: string[] } {
  const events: string[] = [];
  const take = (event: string): void => {
    events.push(event);
  };
  return { events, debug: take, info: take, warn: take, error: take };
}
