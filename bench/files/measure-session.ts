import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { BenchPlace, Sample } from "../bench.js";
import { canMeasureUsage } from "../process-usage.js";
import type { Session } from "./contender.js";
import { contenderNamed } from "./contenders.js";

const mebibyte = 1024 * 1024;

/**
 * Measures what `work` takes: seconds (unless it gives measures of its own), processor seconds and peak memory of both
 * sides; of a counting session only the bytes on the wire.
 */
export async function measureSession(
  session: Session,
  isCounting: boolean,
  work: () => Promise<Sample | undefined>,
): Promise<Sample> {
  // What an earlier contender left to be written must not be written at this one's cost.
  await promisify(execFile)("sync");
  session.resetPeak();
  const before = await session.usage();
  const wireBefore = isCounting ? session.wireBytes() : 0;
  const startedAt = performance.now();
  const own = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  if (isCounting) return { wireBytes: session.wireBytes() - wireBefore };
  const after = await session.usage();
  return {
    ...(own ?? { seconds }),
    ...(canMeasureUsage()
      ? {
          cpuSeconds: Math.max(0, after.cpuSeconds - before.cpuSeconds),
          peakMebibytes: Math.round(after.peakBytes / mebibyte),
        }
      : {}),
  };
}

/** The names of the contenders of a case that are not there, for its `missing`. */
export function missingContender(name: string): string | undefined {
  return contenderNamed(name).missing();
}

/** A number of things, less while somebody works on the bench with a smaller scale; never none. */
export function scaled(number: number, { scale }: BenchPlace): number {
  return Math.max(1, Math.round(number * scale));
}
