import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "../../simulation/seeded-random.js";
import { FileMutator } from "../../support/file-mutator.js";
import { FileProcessPair, type Side } from "../../support/file-process-pair.js";
import { makeTemporaryFolder, removeTree } from "../../support/file-tree.js";
import { rsyncDifferences } from "../../support/rsync-comparison.js";
import { selfCheckingContent } from "../../support/self-checking-file.js";
import { TornFileWatch } from "../../support/torn-file-watch.js";

/** The whole proof is 10,000 operations and 200 kills; each run takes a share of it and another seed another share. */
const operations = Number(process.env["SPARESYNC_MUTATOR_OPERATIONS"] ?? 1000);
const kills = Number(process.env["SPARESYNC_KILLS"] ?? 6);
const seed = Number(process.env["SPARESYNC_MUTATOR_SEED"] ?? 1);

const restLimitMs = 120_000;
const limitMs = 240_000 + operations * 100 + kills * 10_000;
const pollMs = 200;
/** Over a tenth of the most files that there are at a time. */
const steadyFiles = 60;
const steadyContent = selfCheckingContent(new SeededRandom(0), 1);
const longestQuietMs = 1200;

let base: string;
let source: string;
let target: string;
let pair: FileProcessPair;
let watch: TornFileWatch;

beforeEach(async () => {
  base = makeTemporaryFolder();
  source = join(base, "source");
  target = join(base, "target");
  for (const folder of [source, target]) mkdirSync(folder);
  // While both sides are killed again and again all others may be replaced, which would be taken for another folder.
  mkdirSync(join(source, "steady"));
  for (let index = 0; index < steadyFiles; index += 1)
    writeFileSync(join(source, "steady", String(index)), steadyContent);
  pair = await FileProcessPair.set({
    base: join(base, "pair"),
    roots: { primary: source, secondary: target },
    // Events may be lost (they are a hint): the periodic analysis is what brings the pair to rest.
    folder: { name: "files", delaySeconds: 0, fullAnalysisSeconds: 3 },
  });
  await pair.begin(true);
  watch = new TornFileWatch(target);
});
afterEach(async () => {
  await watch.stop();
  await pair.end();
  removeTree(base);
});

/** Waits until another program sees no difference; after the limit, resolves to those it sees still. */
async function differencesAtRest(): Promise<string[]> {
  const endMs = performance.now() + restLimitMs;
  for (;;) {
    const differences = await rsyncDifferences(source, target);
    if (differences.length === 0) return [];
    if (performance.now() > endMs) {
      const status = await pair.side("primary").ask("status", null);
      return [JSON.stringify(status), pair.logs(), ...differences];
    }
    await sleep(pollMs);
  }
}

describe(`a source that changes at random (seed ${seed})`, () => {
  test(
    `is identical on the target after ${operations} changes, and no torn file was ever to be seen there`,
    async () => {
      const mutator = new FileMutator(source, new SeededRandom(seed));
      await mutator.run(operations);
      expect(await differencesAtRest()).toEqual([]);
      expect(await watch.stop()).toEqual([]);
      expect(Object.entries(mutator.counts).filter(([, count]) => count === 0)).toEqual([]);
      expect(watch.looks).toBeGreaterThan(operations / 10);
    },
    limitMs,
  );

  test(
    `is so too when source and target are killed at ${kills} random moments meanwhile`,
    async () => {
      const random = new SeededRandom(seed + 1);
      const mutator = new FileMutator(source, new SeededRandom(seed + 2));
      let isOver = false;
      const mutating = mutator.run(Number.POSITIVE_INFINITY, () => isOver);
      for (let kill = 0; kill < kills; kill += 1) {
        await sleep(Math.floor(random.between(0, longestQuietMs)));
        const side = random.pick<Side>(["primary", "secondary"]);
        await pair.side(side).kill();
        await pair.start(side);
        await pair.takeRole(side, true);
      }
      isOver = true;
      await mutating;
      expect(await differencesAtRest()).toEqual([]);
      expect(await watch.stop()).toEqual([]);
      expect(temporaryFiles()).toEqual([]);
    },
    limitMs,
  );
});

test("the watch for torn files sees one that is a mixture of two", async () => {
  const random = new SeededRandom(seed);
  const [one, other] = [selfCheckingContent(random, 20), selfCheckingContent(random, 20)];
  writeFileSync(join(target, "whole"), one);
  writeFileSync(join(target, "cut at a record"), one.subarray(0, 640));
  expect(await watch.stop()).toEqual([]);
  writeFileSync(join(target, "mixture"), Buffer.concat([one.subarray(0, 640), other.subarray(640)]));
  writeFileSync(join(target, "cut"), one.subarray(0, 641));
  expect((await watch.stop()).map((line) => line.split(":")[0]).sort()).toEqual(["cut", "mixture"]);
});

/** What was being written when a target was killed must not stay. */
function temporaryFiles(): string[] {
  const folder = join(target, ".sparesync", "tmp");
  return existsSync(folder) ? readdirSync(folder) : [];
}
