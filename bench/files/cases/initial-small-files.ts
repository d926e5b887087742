import { initialCase } from "../initial-case.js";
import { scaled } from "../measure-session.js";
import { makeSmallFiles } from "../trees.js";

/** T2: each file durable on the target before it counts, as the product always does it. */
export const initialSmallFiles = initialCase({
  name: "initial-small-files",
  title: "10,000 files of 4 KiB to an empty target on the disk, durable (rsync: --fsync)",
  goals: [
    { measure: "seconds", unit: "s", peer: "rsync-mtls-fsync", target: 0.6 },
    { measure: "seconds", unit: "s", peer: "rsync-fsync", target: 0.6 },
    { measure: "seconds", unit: "s", peer: "syncthing", target: 0.35 },
  ],
  fill: (root, place) => {
    makeSmallFiles(root, scaled(10_000, place), 4096);
  },
});
