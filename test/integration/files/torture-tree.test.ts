import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { FileProcessPair } from "../../support/file-process-pair.js";
import { makeTemporaryFolder, removeTree } from "../../support/file-tree.js";
import { rsyncDifferences } from "../../support/rsync-comparison.js";
import { makeTortureTree, tortureFeatures, type TortureFeature } from "../../support/torture-tree.js";

/** Things that docs/files.md says are not copied, with the reason: they are reported, and nothing else suffers. */
const reported = ["control-characters", "special", "not-utf8"] as const;
/** Nobody but root can make files of other owners. */
const notMade: readonly TortureFeature[] = process.getuid?.() === 0 ? [] : ["owners"];
/** All else is identical in the eyes of "rsync". */
const kept = tortureFeatures.filter((feature) => ![...reported, ...notMade].includes(feature));

const seed = Number(process.env["SPARESYNC_TORTURE_SEED"] ?? 1);

let base: string;
let source: string;
let target: string;
let pair: FileProcessPair;

beforeEach(async () => {
  base = makeTemporaryFolder();
  source = join(base, "source");
  target = join(base, "target");
  for (const folder of [source, target]) mkdirSync(folder);
  pair = await FileProcessPair.set({ base: join(base, "pair"), roots: { primary: source, secondary: target } });
});
afterEach(async () => {
  await pair.end();
  removeTree(base);
});

describe(`a tree of everything that is hard to copy (seed ${seed})`, () => {
  test("is identical afterwards in the eyes of another program", async () => {
    makeTortureTree(source, seed, kept);
    await pair.begin(false);
    await pair.side("primary").ask("synchronise", null);
    expect(await rsyncDifferences(source, target)).toEqual([]);
  });

  test("over another such tree is identical too, and sends nothing the second time", async () => {
    makeTortureTree(source, seed, kept);
    makeTortureTree(target, seed + 1, kept);
    await pair.begin(false);
    await pair.side("primary").ask("synchronise", null);
    expect(await rsyncDifferences(source, target)).toEqual([]);
    expect(await pair.side("primary").ask("synchronise", null)).toEqual({ changesSent: 0, bytesSent: 0 });
  });

  test("names what cannot be copied, and copies what stands beside it", async () => {
    makeTortureTree(source, seed, reported);
    await pair.begin(false);
    await pair.side("primary").ask("synchronise", null);
    const { folders } = (await pair.side("primary").ask("details", null)) as unknown as Details;
    const skipped = folders.files.paths.filter(({ kind }) => kind === "skipped").map((problem) => problem.path);
    const inFolder = (name: string): string[] => skipped.filter((one) => one.startsWith(`${name}/`)).sort();
    expect(inFolder("special")).toEqual(["special/fifo", "special/socket"]);
    expect(inFolder("control-characters")).toHaveLength(6);
    expect(inFolder("not-utf8")).toHaveLength(10);
    expect(folders.files.paths).toHaveLength(18);
    expect(await rsyncDifferences(source, target, ["control-characters/*", "not-utf8/*"])).toEqual([]);
  });
});

interface Details {
  readonly folders: { readonly files: { readonly paths: readonly { readonly path: string; readonly kind: string }[] } };
}
