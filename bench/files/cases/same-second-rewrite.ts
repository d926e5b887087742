import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scaled } from "../measure-session.js";
import { repeatCase, type SyncedPair } from "../repeat-case.js";
import { makeSmallFiles, seededBytes, smallFilePath } from "../trees.js";

const files = 1000;

/** T12: rsync compares whole seconds. Both are asked for a synchronisation, then the source is written again at once. */
export const sameSecondRewrite = repeatCase({
  name: "same-second-rewrite",
  title: "1,000 files rewritten with the same size within the second of their synchronisation: how many are missed",
  goals: [
    { measure: "missedFiles", unit: "files", peer: "none", target: 0 },
    { measure: "missedFiles", unit: "files", peer: "rsync-mtls", target: 0 },
  ],
  fill: (root, place) => {
    makeSmallFiles(root, scaled(files, place), 512);
  },
  work: measureMissed,
});

async function measureMissed({ source, target, session, place }: SyncedPair, round: number) {
  const names = Array.from({ length: scaled(files, place) }, (_, index) => smallFilePath(index));
  for (const turn of ["first", "second"]) {
    const content = seededBytes(`${turn} ${round}`, 512);
    for (const name of names) writeFileSync(join(source, name), content);
    await session.synchronise();
  }
  const last = seededBytes(`second ${round}`, 512);
  return { missedFiles: names.filter((name) => !readFileSync(join(target, name)).equals(last)).length };
}
