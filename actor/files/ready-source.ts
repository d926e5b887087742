import type { ClockPort } from "../../shared/core/clock-port.js";
import type { ChangeSource } from "./change-source.js";

const readyMs = 60_000;

/** Resolves when the source is ready, the signal aborts, or it takes too long: then `onLate` was called. Never rejects. */
export async function awaitReady(
  changes: ChangeSource,
  clock: ClockPort,
  signal: AbortSignal,
  onLate: () => void,
): Promise<void> {
  const limit = new AbortController();
  const late = clock.sleep(readyMs, AbortSignal.any([signal, limit.signal])).then(onLate, () => undefined);
  await Promise.race([changes.ready, late]);
  limit.abort();
}
