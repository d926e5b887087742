import { parentPort, workerData } from "node:worker_threads";
import type { SeedsOfThread } from "./run-seeds.js";
import { runScenario } from "./scenario.js";

const { seeds, options, isFirstEnough } = workerData as SeedsOfThread;
for (const seed of seeds) {
  const result = await runScenario(seed, options);
  parentPort?.postMessage(result);
  if (isFirstEnough && result.violations.length > 0) break;
}
