import { AppError } from "../shared/core/app-error.js";
import type { ClockPort } from "../shared/core/clock-port.js";

/**
 * Runs work with a limit of the clock port. The work gets a signal that aborts at the limit or with `parent`; work that
 * ignores its signal is left behind and its result dropped.
 */
export async function withDeadline<Result>(
  clock: ClockPort,
  what: string,
  limitSeconds: number,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const stop = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  if (parent.aborted) throw new AppError("ABORTED", `${what} was cancelled`);
  parent.addEventListener("abort", abort, { once: true });
  const limit = clock.sleep(limitSeconds * 1000, stop.signal).then(
    () => "late" as const,
    () => "stopped" as const,
  );
  const cancelled = new Promise<"cancelled">((resolve) => {
    controller.signal.addEventListener("abort", () => {
      resolve("cancelled");
    });
  });
  try {
    const running = work(controller.signal).then((result) => ({ result }));
    running.catch(() => undefined);
    const first = await Promise.race([running, limit, cancelled]);
    if (typeof first === "object") return first.result;
    controller.abort();
    if (first === "late") throw new AppError("DEADLINE_EXCEEDED", `${what} took longer than ${limitSeconds} s`);
    throw new AppError("ABORTED", `${what} was cancelled`);
  } finally {
    stop.abort();
    parent.removeEventListener("abort", abort);
  }
}
