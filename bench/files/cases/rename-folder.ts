import { renameSync } from "node:fs";
import { join } from "node:path";
import { scaled } from "../measure-session.js";
import { repeatCase } from "../repeat-case.js";
import { makeSmallFiles } from "../trees.js";

/** T15. */
export const renameFolder = repeatCase({
  name: "rename-folder",
  title: "a folder with 10,000 files of 4 KiB gets another name",
  goals: [
    { measure: "seconds", unit: "s", peer: "rsync-mtls", target: 0.1 },
    { measure: "wireBytes", unit: "bytes", peer: "none", target: 100_000 },
  ],
  fill: (root, place) => {
    makeSmallFiles(join(root, "folder-0"), scaled(10_000, place), 4096);
  },
  change: (root, round) => {
    renameSync(join(root, `folder-${round}`), join(root, `folder-${round + 1}`));
  },
});
