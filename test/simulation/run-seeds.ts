import { Worker } from "node:worker_threads";
import type { ScenarioResult } from "./scenario.js";

/** What a worker is told: the seeds it runs, one after the other. */
export interface SeedsOfWorker {
  readonly seeds: readonly number[];
}

/** Runs seeds in threads of their own, each run on one; calls back with each result as it comes, in no order. */
export async function runSeeds(
  seeds: readonly number[],
  jobs: number,
  onResult: (result: ScenarioResult) => void,
): Promise<void> {
  const shares = Array.from({ length: Math.min(jobs, seeds.length) }, (_, job) =>
    seeds.filter((_seed, index) => index % jobs === job),
  );
  await Promise.all(shares.map((share) => runShare(share, onResult)));
}

function runShare(seeds: readonly number[], onResult: (result: ScenarioResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const workerData: SeedsOfWorker = { seeds };
    const worker = new Worker(new URL("./seed-worker.js", import.meta.url), { workerData });
    worker.on("message", onResult);
    worker.on("error", reject);
    worker.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a worker ended with ${code}`));
    });
  });
}
