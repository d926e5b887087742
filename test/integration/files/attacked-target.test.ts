import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FileProcessPair } from "../../support/file-process-pair.js";
import { makeTemporaryFolder, putFile, removeTree } from "../../support/file-tree.js";
import { rsyncDifferences } from "../../support/rsync-comparison.js";

/** So many synchronisations meet a folder that is swapped all the while. */
const rounds = Number(process.env["SPARESYNC_ATTACK_ROUNDS"] ?? 12);
const limitMs = 60_000 + rounds * 5_000;

let base: string;
let source: string;
let target: string;
let pair: FileProcessPair;

beforeEach(async () => {
  base = makeTemporaryFolder();
  source = join(base, "source");
  target = join(base, "target");
  for (const folder of [source, target]) fs.mkdirSync(folder);
  pair = await FileProcessPair.set({ base: join(base, "pair"), roots: { primary: source, secondary: target } });
  await pair.begin(false);
});
afterEach(async () => {
  await pair.end();
  removeTree(base);
});

function fill(round: number): void {
  for (let index = 0; index < 20; index += 1) putFile(source, `folder/inner/file-${index}`, `${round} ${index}`);
  putFile(source, `folder/inner/new-${round}`, "new");
  fs.rmSync(join(source, `folder/inner/new-${round - 1}`), { force: true });
  fs.chmodSync(join(source, "folder/inner/file-0"), round % 2 === 0 ? 0o600 : 0o644);
}

/** Does something again and again, as fast as it goes, while something else is under way. */
async function meanwhile(work: Promise<unknown>, attack: () => void): Promise<number> {
  let isOver = false;
  let attacks = 0;
  const done = work.finally(() => {
    isOver = true;
  });
  // Set by the line above, which the compiler does not see.
  while (!(isOver as boolean)) {
    attack();
    attacks += 1;
    if (attacks % 10 === 0) await nextTurn();
  }
  await done;
  return attacks;
}

describe("on a target where somebody else may write", () => {
  test(
    "nothing outside the folder is touched while parts of its paths are swapped for links to outside",
    async () => {
      const outside = join(base, "outside");
      for (let index = 0; index < 20; index += 1) putFile(outside, `inner/file-${index}`, "victim");
      putFile(outside, "file-0", "victim");
      const before = describeTree(outside);
      const swapped = join(target, "folder/inner");
      const kept = join(base, "kept");
      let attacks = 0;
      for (let round = 0; round < rounds; round += 1) {
        fill(round);
        const work = pair.side("primary").ask("synchronise", null);
        attacks += await meanwhile(
          work.catch(() => undefined),
          () => {
            attempt(() => {
              fs.renameSync(swapped, kept);
              fs.symlinkSync(round % 2 === 0 ? join(outside, "inner") : outside, swapped);
            });
            attempt(() => {
              if (fs.lstatSync(swapped).isSymbolicLink()) fs.unlinkSync(swapped);
              fs.renameSync(kept, swapped);
            });
          },
        );
        fs.rmSync(kept, { recursive: true, force: true });
        expect(describeTree(outside)).toEqual(before);
      }
      expect(attacks).toBeGreaterThan(rounds);
      await pair.side("primary").ask("synchronise", null);
      expect(await rsyncDifferences(source, target)).toEqual([]);
      expect(describeTree(outside)).toEqual(before);
    },
    limitMs,
  );

  test(
    "a file that is overwritten again and again is there at every moment, whole",
    async () => {
      const contents = new Set<string>();
      for (let round = 0; round < rounds; round += 1) {
        const content = String(round).repeat(1000 + round);
        contents.add(content);
        putFile(source, "file", content);
        const seen = new Set<string>();
        const isFirst = round === 0;
        const looks = await meanwhile(pair.side("primary").ask("synchronise", null), () => {
          if (!isFirst) seen.add(fs.readFileSync(join(target, "file"), "utf8"));
        });
        expect(looks).toBeGreaterThan(0);
        expect([...seen].filter((one) => !contents.has(one))).toEqual([]);
      }
      expect(fs.readFileSync(join(target, "file"), "utf8").startsWith(String(rounds - 1))).toBe(true);
    },
    limitMs,
  );
});

/** The attacker loses some of the races; that is no error of his. */
function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // The product has just removed or replaced what he wanted to swap.
  }
}

function describeTree(root: string): string[] {
  return fs
    .readdirSync(root, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const stat = fs.lstatSync(join(root, name));
      const content = stat.isFile() ? fs.readFileSync(join(root, name), "utf8") : "";
      return `${name} ${stat.mode} ${stat.isFile() ? stat.mtimeMs : ""} ${content}`;
    });
}
