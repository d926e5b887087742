import { expect, test } from "@jest/globals";
import * as fs from "node:fs";
import type { ChangeEvents } from "../../../actor/files/change-source.js";
import { SeededRandom } from "../../simulation/seeded-random.js";
import { listFiles, putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";
import { changeAtRandom, randomInteger } from "../../support/random-change.js";
import { loopbackClock } from "../../support/loopback-clock.js";
import { until } from "../../support/until.js";

const seed = Number(process.env["SPARESYNC_MUTATOR_SEED"] ?? "1");
const rounds = Number(process.env["SPARESYNC_ROUNDS"] ?? "25");

test(`whatever was done in a folder before and after it was renamed, its two names are enough (seed ${seed})`, async () => {
  const random = new SeededRandom(seed);
  const heard: ChangeEvents[] = [];
  const pair = new FileTreePair({
    settings: { delaySeconds: 0.001, largestShareGone: 1 },
    transfer: { syncToDisk: false },
    openChangeSource: (_root, _ignored, events) => {
      heard.push(events);
      return { ready: Promise.resolve(), close: () => Promise.resolve() };
    },
  });
  const isEqual = (): boolean => treeDifferences(pair.primaryRoot, pair.secondaryRoot).length === 0;
  try {
    for (let n = 0; n < 30; n += 1) putFile(pair.primaryRoot, `a0/${n % 3}/${n}`, String(n));
    await pair.begin(1, true);
    await until(() => pair.secondary.status()[0]!.isComplete && isEqual());
    for (let round = 0; round < rounds; round += 1) {
      const [from, to] = [`a${round}`, `a${round + 1}`];
      const folder = pair.source(from);
      // Its index is whole then; otherwise there are notes beside it.
      if (random.chance(0.5)) await pair.primary.synchronise(never);
      const { lastFullAnalysisAtMs } = pair.primary.status()[0]!;
      // Some of it is told, so that the index is not as the last analysis left it …
      if (random.chance(0.5)) {
        for (let n = randomInteger(random, 1, 4); n > 0; n -= 1) changeAtRandom(folder, random);
        for (const path of fs.readdirSync(folder, { recursive: true, encoding: "utf8" })) {
          heard[0]!.onDirty(`${from}/${path}`);
        }
        heard[0]!.onDirty(from);
        await until(isEqual);
      }
      // … and some is not.
      for (let n = randomInteger(random, 0, 6); n > 0; n -= 1) changeAtRandom(folder, random);
      fs.renameSync(folder, pair.source(to));
      for (let n = randomInteger(random, 0, 6); n > 0; n -= 1) changeAtRandom(pair.source(to), random);
      // Longer than a step of the file system's clock.
      await loopbackClock.sleep(10);
      if (random.chance(0.5)) fs.chmodSync(pair.source(to), random.pick([0o700, 0o750, 0o755]));
      if (listFiles(pair.source(to)).length < 15) {
        for (let n = 0; n < 20; n += 1) putFile(pair.source(to), `more-${round}/${n}`, String(n));
      }
      heard[0]!.onDirty(from);
      heard[0]!.onDirty(to);
      await until(isEqual);
      expect(pair.primary.status()[0]!.lastFullAnalysisAtMs).toBe(lastFullAnalysisAtMs);
    }
  } finally {
    await pair.end();
  }
}, 120_000);
