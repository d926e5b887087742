import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { initialCase } from "../initial-case.js";
import { scaled } from "../measure-session.js";
import { makeSmallFiles } from "../trees.js";

const gibibyte = 1024 ** 3;
const largeBytes = 20 * gibibyte;

/** T13 and "memory stays flat": the same limit for ten thousand, a hundred thousand and a million files. */
const peakMebibytes = 250;

const memoryGoals = [
  { measure: "peakMebibytes", unit: "MiB", peer: "none", target: 2 * peakMebibytes },
  { measure: "seconds", unit: "s", peer: "rsync-mtls", target: 1.1 },
] as const;

function manyFiles(name: string, files: number) {
  return initialCase({
    name,
    title: `${files.toLocaleString("en")} files of 64 bytes to an empty target in memory: the memory of both sides`,
    goals: memoryGoals,
    isOnRequest: true,
    isInMemory: true,
    fill: (root, place) => {
      makeSmallFiles(root, scaled(files, place), 64, place.note);
    },
  });
}

/** Both sides together may take twice what one may. */
export const memoryCases = [
  manyFiles("memory-10k-files", 10_000),
  manyFiles("memory-100k-files", 100_000),
  manyFiles("memory-1m-files", 1_000_000),
  initialCase({
    name: "memory-20g-file",
    title: "one sparse file of 20 GiB to an empty target: the memory of both sides, and the time",
    goals: memoryGoals,
    isOnRequest: true,
    fill: (root, place) => {
      const file = openSync(join(root, "sparse.bin"), "w");
      const bytes = scaled(20, place) * (largeBytes / 20);
      ftruncateSync(file, bytes);
      writeSync(file, Buffer.from("end"), 0, 3, bytes - 3);
      closeSync(file);
    },
  }),
];
