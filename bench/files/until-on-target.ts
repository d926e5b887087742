import { readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Finer than any time that is measured with it, coarse enough to leave the processors to those who are measured. */
const pauseMs = 1;

/** Waits until a file stands on the target with this content; resolves to the time at which it was seen there. */
export async function untilOnTarget(file: string, content: Buffer, limitMs: number): Promise<number> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    if (sizeOf(file) === content.length && readFileSync(file).equals(content)) return performance.now();
    if (performance.now() > endMs) throw new Error(`not on the target within ${limitMs / 1000} s: ${file}`);
    await sleep(pauseMs);
  }
}

export function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
