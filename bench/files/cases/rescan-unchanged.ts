import { scaled } from "../measure-session.js";
import { repeatCase } from "../repeat-case.js";
import { makeSmallFiles } from "../trees.js";

/** T5. */
export const rescanUnchanged = repeatCase({
  name: "rescan-unchanged",
  title: "100,000 files, nothing has changed: what it costs to find that out",
  goals: [
    { measure: "seconds", unit: "s", peer: "rsync-mtls", target: 0.8 },
    { measure: "seconds", unit: "s", peer: "rsync", target: 0.8 },
    { measure: "wireBytes", unit: "bytes", peer: "none", target: 2000 },
  ],
  fill: (root, place) => {
    makeSmallFiles(root, scaled(100_000, place), 1024);
  },
});
