import { join } from "node:path";
import { scaled } from "../measure-session.js";
import { repeatCase } from "../repeat-case.js";
import { changeShare, makeLargeFile } from "../trees.js";

const mebibyte = 1024 * 1024;
const file = "large.bin";
const share = 0.01;
const fileMebibytes = 1024;

/** T6. The bytes that changed are known: 64 KiB for each touched block. */
export const deltaLargeFile = repeatCase({
  name: "delta-large-file",
  title: "one file of 1 GiB of which 1 % of the 64 KiB blocks have changed",
  goals: [
    { measure: "seconds", unit: "s", peer: "rsync-mtls", target: 0.4 },
    { measure: "seconds", unit: "s", peer: "rsync-mtls-inplace", target: 0.8 },
    { measure: "wireBytes", unit: "bytes", peer: "none", target: Math.round(1.02 * share * fileMebibytes * mebibyte) },
  ],
  fill: (root, place) => {
    makeLargeFile(join(root, file), scaled(fileMebibytes, place) * mebibyte);
  },
  change: (root, round) => {
    changeShare(join(root, file), share, round);
  },
});
