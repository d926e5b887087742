import { expect, test } from "@jest/globals";
import { SeededRandom } from "../../simulation/seeded-random.js";
import { putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";
import { changeAtRandom, randomInteger, thingsIn } from "../../support/random-change.js";

const seed = Number(process.env["SPARESYNC_MUTATOR_SEED"] ?? "1");
const rounds = 40;

test(`whatever was done on both sides since, a full analysis makes them equal and comes to rest (seed ${seed})`, async () => {
  const random = new SeededRandom(seed);
  const pair = new FileTreePair({ transfer: { syncToDisk: false } });
  try {
    await pair.begin();
    for (let round = 0; round < rounds; round += 1) {
      if (thingsIn(pair.primaryRoot).length < 20) {
        for (let n = 0; n < 30; n += 1) putFile(pair.primaryRoot, `folder-${round}/${n % 3}/${n}`, String(n));
      }
      for (let n = randomInteger(random, 1, 8); n > 0; n -= 1) {
        changeAtRandom(random.chance(0.2) ? pair.secondaryRoot : pair.primaryRoot, random);
      }
      await pair.primary.drain(never);
      expect(treeDifferences(pair.primaryRoot, pair.secondaryRoot)).toEqual([]);
      expect((await pair.primary.synchronise(never)).changesSent).toBe(0);
    }
  } finally {
    await pair.end();
  }
}, 120_000);
