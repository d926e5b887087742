import type { ClockPort } from "../../shared/core/clock-port.js";

/** Whether work ends within a limit; if not, it goes on. Rejects when it fails within the limit. */
export async function endsWithin(work: Promise<unknown>, clock: ClockPort, limitMs: number): Promise<boolean> {
  const isOver = new AbortController();
  const limit = clock.sleep(limitMs, isOver.signal).then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([work.then(() => true), limit]);
  } finally {
    isOver.abort();
  }
}
