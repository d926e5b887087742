import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { scaled } from "../measure-session.js";
import { repeatCase, type SyncedPair } from "../repeat-case.js";
import { makeSmallFiles, seededBytes, smallFilePath } from "../trees.js";
import { sizeOf, untilOnTarget } from "../until-on-target.js";

const files = 100_000;
const pollMs = 100;
/** What has not come after so long without any progress does not come before the next periodic analysis. */
const standstillMs = 20_000;
const limitMs = 600_000;

/** T11: the system's queue of events overflows; nothing may wait for the periodic analysis because of that. */
export const burst100k = repeatCase({
  name: "burst-100k",
  title: "100,000 files rewritten at once, delay 0: how many never come (without the periodic analysis)",
  goals: [{ measure: "lostFiles", unit: "files", peer: "none", target: 0 }],
  isInMemory: true,
  watchDelaySeconds: 0,
  fill: (root, place) => {
    makeSmallFiles(root, scaled(files, place), 64);
  },
  work: measureLost,
});

async function measureLost({ source, target, place }: SyncedPair, round: number) {
  const begin = seededBytes(`begin ${round}`, 64);
  writeFileSync(join(source, "begin"), begin);
  await untilOnTarget(join(target, "begin"), begin, limitMs);
  const count = scaled(files, place);
  const content = seededBytes(`burst ${round}`, 65 + round);
  for (let index = 0; index < count; index += 1) writeFileSync(join(source, smallFilePath(index)), content);
  const writtenAt = performance.now();
  const left = new Set(Array.from({ length: count }, (_, index) => smallFilePath(index)));
  let progressAt = performance.now();
  while (left.size > 0 && performance.now() - progressAt < standstillMs) {
    await sleep(pollMs);
    const before = left.size;
    for (const name of left) if (sizeOf(join(target, name)) === content.length) left.delete(name);
    if (left.size < before) progressAt = performance.now();
  }
  return { lostFiles: left.size, burstSeconds: (performance.now() - writtenAt) / 1000 };
}
