import { afterEach, expect, test } from "@jest/globals";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SyncItemStatus } from "../../../actor/sync-part.js";
import { SeededRandom } from "../../simulation/seeded-random.js";
import { FileProcessPair } from "../../support/file-process-pair.js";
import { makeTemporaryFolder, removeTree } from "../../support/file-tree.js";
import { rsyncDifferences } from "../../support/rsync-comparison.js";
import { selfCheckingContent, tornBecause } from "../../support/self-checking-file.js";
import { openSmallDisk, type SmallDisk } from "../../support/small-disk.js";
import { until } from "../../support/until.js";

const limitMs = 60_000;
/** Together twice as much as the small disk holds. */
const files = 24;
const recordsPerFile = 8192;

let base: string;
let source: string;
let disk: SmallDisk;
let pair: FileProcessPair;

async function begin(isPretended: boolean): Promise<void> {
  base = makeTemporaryFolder();
  source = join(base, "source");
  mkdirSync(source);
  disk = openSmallDisk(base, isPretended);
  const roots = { primary: source, secondary: disk.root };
  // Nobody may wait for the periodic analysis: when there is room the target has to go on by itself.
  const folder = { name: "files", delaySeconds: 0, fullAnalysisSeconds: 100_000, reservedFreeBytes: 0 };
  pair = await FileProcessPair.set({ base: join(base, "pair"), roots, folder });
}
afterEach(async () => {
  await pair.end();
  disk.close();
  removeTree(base);
});

const statusOfSource = async (): Promise<SyncItemStatus | undefined> =>
  (await pair.side("primary").ask("status", null))[0];

/** A disk that can only be read stops the folder; one that cannot write a file is the matter of that file. */
const shown = {
  EROFS: { health: "fatal", because: /can only be read/ },
  EIO: { health: "warning", because: /EIO/ },
} as const;

async function failAndRepair(failure: "EROFS" | "EIO", random: SeededRandom): Promise<void> {
  const before = readFileSync(join(source, "file-0"));
  disk.fail(failure);
  writeFileSync(join(source, "file-0"), selfCheckingContent(random, 1));
  const { health, because } = shown[failure];
  await until(async () => (await statusOfSource())?.health === health, limitMs);
  const details = await pair.side("primary").ask("details", null);
  expect(`${(await statusOfSource())?.because} ${JSON.stringify(details)}`).toMatch(because);
  expect(readFileSync(join(disk.root, "file-0")).equals(before)).toBe(true);

  disk.repair();
  await until(async () => (await statusOfSource())?.health === "ok", limitMs);
  expect(await rsyncDifferences(source, disk.root)).toEqual([]);
}

test.each([
  { when: "that shows beforehand", isPretended: false },
  // By the errors of the very calls: whatever was counted before, others write on a disk, too.
  { when: "that shows only in writing", isPretended: true },
])(
  "a full disk $when, and one that fails, are clear errors and tear nothing; afterwards the target goes on by itself",
  async ({ isPretended }) => {
    await begin(isPretended);
    const random = new SeededRandom(1);
    for (let index = 0; index < files; index += 1) {
      writeFileSync(join(source, `file-${index}`), selfCheckingContent(random, recordsPerFile));
    }
    await Promise.all([pair.start("primary"), pair.start("secondary", disk.faults)]);
    await pair.takeRole("secondary", false);
    disk.fill();
    await pair.takeRole("primary", true);
    await until(async () => (await statusOfSource())?.health === "fatal", limitMs);
    expect((await statusOfSource())?.because).toMatch(/full|room|space/);
    expect((await statusOfSource())?.isComplete).toBe(false);
    const names = readdirSync(disk.root).filter((name) => name.startsWith("file-"));
    expect(names.map((name) => tornBecause(readFileSync(join(disk.root, name)))).filter(Boolean)).toEqual([]);
    expect(names.length).toBeLessThan(files);

    disk.makeRoom();
    await until(async () => (await statusOfSource())?.isComplete === true, limitMs);
    await until(async () => (await statusOfSource())?.health === "ok", limitMs);
    expect(await rsyncDifferences(source, disk.root)).toEqual([]);
    expect(readdirSync(join(disk.root, ".sparesync", "tmp"))).toEqual([]);
    for (const failure of disk.failures) await failAndRepair(failure, random);
  },
  4 * limitMs,
);
