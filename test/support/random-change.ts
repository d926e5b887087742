import * as fs from "node:fs";
import path from "node:path";
import type { SeededRandom } from "../simulation/seeded-random.js";

const largestContent = 1e9;

interface Thing {
  readonly place: string;
  readonly isFolder: boolean;
}

export function randomInteger(random: SeededRandom, low: number, high: number): number {
  return Math.floor(random.between(low, high + 1));
}

export function thingsIn(root: string): Thing[] {
  return fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => ({ place: path.join(entry.parentPath, entry.name), isFolder: entry.isDirectory() }))
    .filter(({ place }) => !/\.(sparesync|deleted)/.test(path.relative(root, place)));
}

/** One thing done to a tree: moved, made, written over (often with its times set back), removed, given another mode. */
export function changeAtRandom(root: string, random: SeededRandom): void {
  const things = thingsIn(root);
  const folders = [root, ...things.filter(({ isFolder }) => isFolder).map(({ place }) => place)];
  const name = path.join(random.pick(folders), `n${randomInteger(random, 0, 12)}`);
  const content = String(randomInteger(random, 1, largestContent)).padStart(12);
  const one = things.length === 0 ? undefined : random.pick(things);
  const isFree = !fs.existsSync(name);
  const kind = randomInteger(random, 0, 9);
  if (kind <= 2 && one !== undefined && isFree && !`${name}/`.startsWith(`${one.place}/`))
    fs.renameSync(one.place, name);
  else if (kind === 3 && isFree) fs.writeFileSync(name, content);
  else if (kind === 4 && one?.isFolder === false) {
    const { atime, mtime } = fs.statSync(one.place);
    fs.writeFileSync(one.place, content);
    if (random.chance(0.5)) fs.utimesSync(one.place, atime, mtime);
  } else if (kind === 5 && isFree) fs.mkdirSync(name);
  else if (kind >= 7 && one !== undefined) fs.chmodSync(one.place, random.pick([0o700, 0o711, 0o750]));
  else if (one !== undefined && random.chance(0.2)) fs.rmSync(one.place, { recursive: true });
}
