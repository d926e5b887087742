import { cpus } from "node:os";
import { join } from "node:path";
import { initialCase } from "../initial-case.js";
import { scaled } from "../measure-session.js";
import { makeLargeFile } from "../trees.js";

const mebibyte = 1024 * 1024;
/** T4: with fewer processors than this, hashing, encrypting and writing have to wait for each other. */
const enoughProcessors = 4;

/** T4 and T14. */
export const initialLargeFile = initialCase({
  name: "initial-large-file",
  title: "one file of 2 GiB to an empty target on the disk, verified",
  goals: [
    { measure: "seconds", unit: "s", peer: "rsync-mtls", target: cpus().length >= enoughProcessors ? 1 : 1.2 },
    { measure: "seconds", unit: "s", peer: "syncthing", target: 0.35 },
    { measure: "cpuSeconds", unit: "CPU s", peer: "none", target: 5 },
  ],
  fill: (root, place) => {
    makeLargeFile(join(root, "large.bin"), scaled(2048, place) * mebibyte);
  },
});
