import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { scaled } from "../measure-session.js";
import { repeatCase, type SyncedPair } from "../repeat-case.js";
import { makeSmallFiles, seededBytes, smallFilePath } from "../trees.js";
import { sizeOf, untilOnTarget } from "../until-on-target.js";
import { untilTrue } from "../../programs.js";

const files = 1000;
const delaySeconds = 1;
const limitMs = 120_000;

/** T9: the delay itself counts. */
export const burst = repeatCase({
  name: "burst",
  title: "1,000 of 10,000 files rewritten at once, delay 1 s: until the last one is on the target",
  goals: [
    { measure: "burstSeconds", unit: "s", peer: "none", target: 0.3 + delaySeconds },
    { measure: "burstSeconds", unit: "s", peer: "lsyncd", target: 1 },
  ],
  watchDelaySeconds: delaySeconds,
  fill: (root, place) => {
    makeSmallFiles(root, scaled(10 * files, place), 4096);
  },
  work: measureBurst,
});

async function measureBurst({ source, target, place }: SyncedPair, round: number) {
  const begin = seededBytes(`begin ${round}`, 64);
  writeFileSync(join(source, "begin"), begin);
  await untilOnTarget(join(target, "begin"), begin, limitMs);
  const names = Array.from({ length: scaled(files, place) }, (_, index) => smallFilePath(index * 10));
  // Another length in each round: whether a file has arrived shows without reading it.
  const content = seededBytes(`burst ${round}`, 4097 + round);
  for (const name of names) writeFileSync(join(source, name), content);
  const writtenAt = performance.now();
  const left = new Set(names);
  const hasAll = (): boolean => {
    for (const name of left) {
      if (sizeOf(join(target, name)) !== content.length) return false;
      left.delete(name);
    }
    return true;
  };
  await untilTrue("all files of the burst are on the target", hasAll, { limitMs, pauseMs: 2 });
  return { burstSeconds: (performance.now() - writtenAt) / 1000 };
}
