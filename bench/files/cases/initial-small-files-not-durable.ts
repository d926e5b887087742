import { initialCase } from "../initial-case.js";
import { scaled } from "../measure-session.js";
import { makeSmallFiles } from "../trees.js";

/** T1: in memory, where making durable costs nothing: what is left is the work per file. */
export const initialSmallFilesNotDurable = initialCase({
  name: "initial-small-files-not-durable",
  title: "10,000 files of 4 KiB to an empty target in memory, where nothing waits for a disk",
  goals: [
    { measure: "seconds", unit: "s", peer: "rsync-mtls", target: 1.1 },
    { measure: "seconds", unit: "s", peer: "rsync", target: 1.3 },
  ],
  isInMemory: true,
  fill: (root, place) => {
    makeSmallFiles(root, scaled(10_000, place), 4096);
  },
});
