import type { ScenarioOptions, ScenarioResult } from "./scenario.js";
import { runInThread } from "./run-in-thread.js";

/** What a thread is told: the seeds it runs, one after the other. */
export interface SeedsOfThread {
  readonly seeds: readonly number[];
  readonly options: Omit<ScenarioOptions, "without">;
  /** Ends with the first run that violates an invariant. */
  readonly isFirstEnough: boolean;
}

/** Runs seeds in threads of their own, each run on one; calls back with each result as it comes, in no order. */
export async function runSeeds(
  seeds: readonly number[],
  jobs: number,
  onResult: (result: ScenarioResult) => void,
  options: SeedsOfThread["options"] = {},
): Promise<void> {
  const shares = Array.from({ length: Math.min(jobs, seeds.length) }, (_, job) =>
    seeds.filter((_seed, index) => index % jobs === job),
  );
  await Promise.all(shares.map((share) => runShare({ seeds: share, options, isFirstEnough: false }, onResult)));
}

export type InThreadOptions = SeedsOfThread["options"] & {
  readonly isFirstEnough?: boolean;
  /** Where the compiled program stands that is run: one with a bug planted in it, or this one. */
  readonly program?: URL;
};

/** In one thread, which is what a test may take: all results, or those up to the first that violates an invariant. */
export async function runSeedsInThread(
  firstSeed: number,
  runs: number,
  { isFirstEnough = false, program, ...options }: InThreadOptions = {},
): Promise<readonly ScenarioResult[]> {
  const seeds = Array.from({ length: runs }, (_, index) => firstSeed + index);
  const results: ScenarioResult[] = [];
  await runShare({ seeds, options, isFirstEnough }, (result) => results.push(result), program);
  return results;
}

/** Each violation with its seed. */
export function violationsOf(results: readonly ScenarioResult[]): readonly string[] {
  return results.flatMap(({ seed, violations }) => violations.map((violation) => `seed ${seed}: ${violation}`));
}

function runShare(
  share: SeedsOfThread,
  onResult: (result: ScenarioResult) => void,
  program = new URL("../../", import.meta.url),
): Promise<void> {
  return runInThread(new URL("test/simulation/seed-worker.js", program), share, (message) => {
    onResult(message as ScenarioResult);
  });
}
