import { parentPort, workerData } from "node:worker_threads";
import type { SeedsOfWorker } from "./run-seeds.js";
import { runScenario } from "./scenario.js";

for (const seed of (workerData as SeedsOfWorker).seeds) parentPort?.postMessage(await runScenario(seed));
