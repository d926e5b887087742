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

test.each([
  { when: "that shows beforehand", isPretended: false },
  // By the errors of the very calls: whatever was counted before, others write on a disk, too.
  { when: "that shows only in writing", isPretended: true },
])(
  "a full disk $when is a clear error and tears nothing; when there is room the target goes on by itself",
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
  },
  4 * limitMs,
);
