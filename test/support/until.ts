import { loopbackClock } from "./loopback-clock.js";

/** Waits until something holds that only the real world (a kernel, a server, a file system) can bring about. */
export async function until(holds: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> {
  const endMs = loopbackClock.monotonicMs() + limitMs;
  while (!(await holds())) {
    if (loopbackClock.monotonicMs() > endMs) throw new Error(`not within ${limitMs} ms: ${holds.toString()}`);
    await loopbackClock.sleep(10);
  }
}
