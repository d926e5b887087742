import { expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { SeededRandom } from "../../simulation/seeded-random.js";
import { putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";

const seed = Number(process.env["SPARESYNC_MUTATOR_SEED"] ?? "1");
const rounds = 40;
const largestContent = 1e9;

interface Thing {
  readonly place: string;
  readonly isFolder: boolean;
}

function integer(random: SeededRandom, low: number, high: number): number {
  return Math.floor(random.between(low, high + 1));
}

function thingsIn(root: string): Thing[] {
  return fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => ({ place: path.join(entry.parentPath, entry.name), isFolder: entry.isDirectory() }))
    .filter(({ place }) => !/\.(sparesync|deleted)/.test(path.relative(root, place)));
}

/** One thing done to a tree that no watch sees: moved, made, written over (often with its times set back), removed. */
function change(root: string, random: SeededRandom): void {
  const things = thingsIn(root);
  const folders = [root, ...things.filter(({ isFolder }) => isFolder).map(({ place }) => place)];
  const name = path.join(random.pick(folders), `n${integer(random, 0, 12)}`);
  const content = String(integer(random, 1, largestContent)).padStart(12);
  const one = things.length === 0 ? undefined : random.pick(things);
  const isFree = !fs.existsSync(name);
  const kind = integer(random, 0, 6);
  if (kind <= 2 && one !== undefined && isFree && !`${name}/`.startsWith(`${one.place}/`))
    fs.renameSync(one.place, name);
  else if (kind === 3 && isFree) fs.writeFileSync(name, content);
  else if (kind === 4 && one?.isFolder === false) {
    const { atime, mtime } = fs.statSync(one.place);
    fs.writeFileSync(one.place, content);
    if (random.chance(0.5)) fs.utimesSync(one.place, atime, mtime);
  } else if (kind === 5 && isFree) fs.mkdirSync(name);
  else if (one !== undefined && random.chance(0.2)) fs.rmSync(one.place, { recursive: true });
}

test(`whatever was done on both sides since, a full analysis makes them equal and comes to rest (seed ${seed})`, async () => {
  const random = new SeededRandom(seed);
  const pair = new FileTreePair({ transfer: { syncToDisk: false } });
  try {
    await pair.begin();
    for (let round = 0; round < rounds; round += 1) {
      if (thingsIn(pair.primaryRoot).length < 20) {
        for (let n = 0; n < 30; n += 1) putFile(pair.primaryRoot, `folder-${round}/${n % 3}/${n}`, String(n));
      }
      for (let n = integer(random, 1, 8); n > 0; n -= 1) {
        change(random.chance(0.2) ? pair.secondaryRoot : pair.primaryRoot, random);
      }
      await pair.primary.drain(never);
      expect(treeDifferences(pair.primaryRoot, pair.secondaryRoot)).toEqual([]);
      expect((await pair.primary.synchronise(never)).changesSent).toBe(0);
    }
  } finally {
    await pair.end();
  }
}, 120_000);
