import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchPlace } from "../../bench.js";
import { scaled } from "../measure-session.js";
import { repeatCase, type SyncedPair } from "../repeat-case.js";
import { quantile } from "../../statistics.js";
import { makeSmallFiles, seededBytes } from "../trees.js";
import { untilOnTarget } from "../until-on-target.js";

const limitMs = 60_000;
/** Longer than what follows a transfer (a confirmation), so that each write meets a pair at rest. */
const pauseMs = 60;
/** The delay of the second case. */
const delaySeconds = 1;

/** T7. */
export const latency = repeatCase({
  name: "latency",
  title: "from the end of writing a file of 4 KiB to the whole file on the target, delay 0, folder of 1,000 files",
  goals: [
    { measure: "p50Milliseconds", unit: "ms", peer: "none", target: 15 },
    { measure: "p95Milliseconds", unit: "ms", peer: "none", target: 50 },
    { measure: "p50Milliseconds", unit: "ms", peer: "lsyncd", target: 0.3 },
  ],
  watchDelaySeconds: 0,
  fill,
  work: (pair, round) => measureLatency(pair, round, 40),
});

/** T8: the delay itself counts. */
export const latencyWithDelay = repeatCase({
  name: "latency-with-delay",
  title: "from the end of writing a file of 4 KiB to the whole file on the target, delay 1 s, folder of 1,000 files",
  goals: [
    { measure: "p50Milliseconds", unit: "ms", peer: "none", target: delaySeconds * 1000 + 25 },
    { measure: "p50Milliseconds", unit: "ms", peer: "lsyncd", target: 1 },
  ],
  watchDelaySeconds: delaySeconds,
  fill,
  work: (pair, round) => measureLatency(pair, round, 10),
});

function fill(root: string, place: BenchPlace): void {
  makeSmallFiles(root, scaled(1000, place), 4096);
}

async function measureLatency({ source, target }: SyncedPair, round: number, writes: number) {
  // The first synchronisation has to be over; then each contender is asked the same.
  await write(source, target, `begin-${round}`);
  const milliseconds: number[] = [];
  for (let count = 0; count < writes; count += 1) {
    await sleep(pauseMs);
    milliseconds.push(await write(source, target, `write-${round}-${count}`));
  }
  return {
    p50Milliseconds: quantile(milliseconds, 0.5),
    p95Milliseconds: quantile(milliseconds, 0.95),
    p99Milliseconds: quantile(milliseconds, 0.99),
  };
}

async function write(source: string, target: string, name: string): Promise<number> {
  const content = seededBytes(name, 4096);
  writeFileSync(join(source, name), content);
  const writtenAt = performance.now();
  return (await untilOnTarget(join(target, name), content, limitMs)) - writtenAt;
}
