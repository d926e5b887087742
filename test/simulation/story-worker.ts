import { parentPort, workerData } from "node:worker_threads";
import { tellStory, type Story } from "./story.js";

for (const story of workerData as readonly Story[]) {
  const result = await tellStory(story);
  parentPort?.postMessage({ ...result, log: result.failures.length > 0 ? result.log : [] });
}
