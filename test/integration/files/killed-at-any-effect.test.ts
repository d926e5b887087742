import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "../../simulation/seeded-random.js";
import { type DiskChange, findUnsynced } from "../../support/disk-trace.js";
import { FileProcessPair } from "../../support/file-process-pair.js";
import { listFiles, makeTemporaryFolder, putFile, removeTree } from "../../support/file-tree.js";
import { rsyncDifferences } from "../../support/rsync-comparison.js";
import { until } from "../../support/until.js";

/** Each is a change of the target's disk at which its process dies; all of them take minutes, so a run takes some. */
const points = Number(process.env["SPARESYNC_KILL_POINTS"] ?? 4);
const seed = Number(process.env["SPARESYNC_MUTATOR_SEED"] ?? 1);
let base: string;
let source: string;
let target: string;
let pair: FileProcessPair;
const random = new SeededRandom(seed);

beforeEach(async () => {
  base = makeTemporaryFolder();
  source = join(base, "source");
  target = join(base, "target");
  for (const folder of [source, target]) fs.mkdirSync(folder);
  pair = await FileProcessPair.set({ base: join(base, "pair"), roots: { primary: source, secondary: target } });
});
afterEach(async () => {
  await pair.end();
  removeTree(base);
});

/** New files, changed, removed and moved ones, a large one, changes of type, a change of mode: all in one synchronisation. */
function changeSource(version: number): void {
  const put = (name: string, bytes: number): void => {
    putFile(source, name, Buffer.alloc(bytes, `${random.id()} `));
  };
  for (let index = 0; index < 5; index += 1) put(`changed-${index}`, 500 + version);
  put("large", 5_000_000);
  put(`new-${version}/inner/file`, 100);
  fs.rmSync(join(source, `new-${version - 2}`), { recursive: true, force: true });
  if (fs.existsSync(join(source, `new-${version - 1}`))) {
    fs.renameSync(join(source, `new-${version - 1}/inner`), join(source, `new-${version - 1}/moved`));
  }
  fs.rmSync(join(source, "odd"), { recursive: true, force: true });
  if (version % 2 === 0) put("odd/file", 200);
  else if (version % 3 === 0) fs.symlinkSync("large", join(source, "odd"));
  else put("odd", 200);
  fs.chmodSync(join(source, "changed-0"), version % 2 === 0 ? 0o600 : 0o644);
}

test.each<{ when: string; trace: DiskChange[]; unsynced: string[] }>([
  {
    when: "content and names are synced in their order",
    trace: [
      { do: "write", path: "/r/.sparesync/tmp/1" },
      { do: "sync", path: "/r/.sparesync/tmp/1" },
      { do: "rename", from: "/r/.sparesync/tmp/1", path: "/r/a/file" },
      { do: "sync", path: "/r/a" },
    ],
    unsynced: [],
  },
  {
    when: "a content is synced too late",
    trace: [
      { do: "write", path: "/r/.sparesync/tmp/1" },
      { do: "rename", from: "/r/.sparesync/tmp/1", path: "/r/a/file" },
      { do: "sync", path: "/r/a/file" },
      { do: "sync", path: "/r/a" },
    ],
    unsynced: ["content of /r/a/file"],
  },
  {
    when: "names are not synced after the last of them",
    trace: [
      { do: "sync", path: "/r/a" },
      { do: "name", path: "/r/a/file" },
    ],
    unsynced: ["names in /r/a"],
  },
  {
    when: "a folder is removed with its names",
    trace: [
      { do: "name", path: "/r/a/file" },
      { do: "name", path: "/r/a" },
      { do: "sync", path: "/r" },
    ],
    unsynced: [],
  },
])("what a loss of power could spoil is found in what was done: $when", ({ trace, unsynced }) => {
  expect(findUnsynced(trace, "/r")).toEqual(unsynced);
});

test(
  `a target that dies at any of ${points} changes of its disk has each file old or new, and the next run finds its way`,
  async () => {
    await pair.start("primary");
    const changesOfOneRun = await countChanges();
    const deaths: number[] = [];
    for (let point = 0; point < points; point += 1) {
      changeSource(point + 2);
      const change = 1 + Math.floor(random.between(point, point + 1) * (changesOfOneRun / points));
      const moment = random.pick(["before", "after"] as const);
      const before = contentsOf(target);
      const side = await pair.start("secondary", { killAt: { change, moment } }).catch(() => undefined);
      // What ends a run here is the death of the target, which this process hears of a moment later.
      const isWhole = side !== undefined && (await runOnce().then(yes, no));
      if (side !== undefined && !isWhole) await until(() => side.hasEnded);
      if (!isWhole) deaths.push(change);
      // Each visible file is one that was there before or that the source has: no mixture, no half.
      const allowed = new Set([...before, ...contentsOf(source)]);
      expect(contentsOf(target).filter((content) => !allowed.has(content))).toEqual([]);
      await side?.kill();
      await pair.start("secondary");
      await runOnce();
      expect(await rsyncDifferences(source, target)).toEqual([]);
      expect(fs.readdirSync(join(target, ".sparesync", "tmp"))).toEqual([]);
      await pair.side("secondary").kill();
    }
    // It is only a proof where the process really died in the middle.
    expect(deaths.length).toBeGreaterThan(points / 2);
  },
  60_000 + points * 20_000,
);

const yes = (): boolean => true;
const no = (): boolean => false;

/** How often one synchronisation of what is changed here changes the target's disk. */
async function countChanges(): Promise<number> {
  const countTo = join(base, "changes");
  const traceTo = join(base, "trace");
  for (const [version, faults] of [{}, { countTo, traceTo }].entries()) {
    changeSource(version);
    await pair.start("secondary", faults);
    await runOnce();
    await pair.side("secondary").kill();
  }
  const lines = fs.readFileSync(traceTo, "utf8").trim().split("\n");
  const trace = lines.map((line) => JSON.parse(line) as DiskChange);
  // Everything has been acknowledged: a loss of power, too, leaves each file old or new.
  expect(findUnsynced(trace, fs.realpathSync(target))).toEqual([]);
  const renamed = trace.flatMap((change) => (change.do === "rename" ? [change.path] : []));
  expect(renamed.length).toBeGreaterThan(5);
  // What is new comes into its place by another call than what is changed.
  expect(renamed.filter((path) => /new-1\/inner\/file$|changed-0$/.test(path))).toHaveLength(2);
  return Number(fs.readFileSync(countTo, "utf8"));
}

async function runOnce(): Promise<void> {
  await pair.takeRole("secondary", false);
  await pair.takeRole("primary", false);
  await pair.side("primary").ask("synchronise", null);
}

function contentsOf(root: string): string[] {
  return listFiles(root)
    .filter((name) => !name.startsWith(".sparesync/") && fs.lstatSync(join(root, name)).isFile())
    .map((name) => fs.readFileSync(join(root, name), "latin1"));
}
