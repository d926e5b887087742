import { initialCase } from "../initial-case.js";
import { scaled } from "../measure-session.js";
import { makeSmallFiles } from "../trees.js";

/** T3. */
export const initial100k = initialCase({
  name: "initial-100k",
  title: "100,000 files of 1 KiB to an empty target in memory",
  goals: [
    { measure: "seconds", unit: "s", peer: "rsync-mtls", target: 1.1 },
    { measure: "seconds", unit: "s", peer: "rsync", target: 1.3 },
  ],
  isInMemory: true,
  fill: (root, place) => {
    makeSmallFiles(root, scaled(100_000, place), 1024);
  },
});
