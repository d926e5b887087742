import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "../../simulation/seeded-random.js";
import type { DiskChange } from "../../support/disk-trace.js";
import { FailingPair } from "../../support/failing-pair.js";
import type { FailingCalls } from "../../support/file-faults.js";
import type { FileProcessPair } from "../../support/file-process-pair.js";
import { putFile } from "../../support/file-tree.js";
import { rsyncDifferences } from "../../support/rsync-comparison.js";
import { selfCheckingContent } from "../../support/self-checking-file.js";

const largeRecords = 200_000;
let source: string;
let target: string;
let pair: FileProcessPair;
let failing: FailingCalls;
let bench: FailingPair;
/** What the target has done to its disk, a line each. */
let traced: string;
const random = new SeededRandom(1);

beforeEach(async () => {
  bench = await FailingPair.set();
  ({ source, target, pair, failing } = bench);
  traced = join(bench.base, "trace");
  await bench.start("secondary", { faults: { traceTo: traced } });
});
afterEach(() => bench.end());

const synchronise = () => bench.synchronise();
const temporaries = (): string[] => fs.readdirSync(join(target, ".sparesync", "tmp"));

// After a failed fsync Linux takes for written what is not on the disk (fsync(2)): what is read back proves nothing.
test.each([
  { when: "a new file", isThere: false, code: "EIO" },
  // As a disk that gives room only when data are written out says that it is full: the pass is over.
  { when: "a new file, when the disk is full", isThere: false, code: "ENOSPC" },
  { when: "a newer version, when the disk is full", isThere: true, code: "ENOSPC" },
] as const)("pieces whose fsync has failed are never built on: $when is sent anew", async ({ isThere, code }) => {
  const content = selfCheckingContent(random, largeRecords);
  const { length } = content;
  if (isThere) putFile(source, "large", selfCheckingContent(random, largeRecords));
  await synchronise();
  const before = isThere ? fs.readFileSync(join(target, "large")) : undefined;
  putFile(source, "large", content);
  failing.set([{ call: "sync", path: "/[.]sparesync/tmp/transfer-", code }]);
  if (code === "EIO") expect((await synchronise()).bytesSent).toBe(length);
  else await expect(synchronise()).rejects.toThrow(/full/);
  expect(temporaries()).toEqual([]);
  // What was there before stays whole.
  expect(fs.existsSync(join(target, "large"))).toBe(isThere);
  if (before !== undefined) expect(fs.readFileSync(join(target, "large")).equals(before)).toBe(true);

  failing.set([]);
  expect((await synchronise()).bytesSent).toBe(length);
  expect(await rsyncDifferences(source, target)).toEqual([]);
  expect(temporaries()).toEqual([]);
});

// A block that cannot be read is sent; where the copy that it would be changed in cannot be made, the file is sent whole.
test.each([
  { when: "when it is compared", calls: [{ call: "read", path: "target/large$", code: "EIO" }], zerosSent: true },
  { when: "when it is opened", calls: [{ call: "open", path: "target/large$", code: "EIO" }], zerosSent: false },
  { when: "when it is copied", calls: [{ call: "copy", path: "target/large$", code: "EIO" }], zerosSent: false },
] as const)("an old version that the target cannot read $when holds up nothing", async ({ calls, zerosSent }) => {
  const old = selfCheckingContent(random, largeRecords);
  // Of what is built on nothing zeros are holes; where the old version has something else they have to be sent.
  const zeros = Buffer.alloc(1_000_000);
  putFile(source, "large", Buffer.concat([old, old]));
  putFile(source, "other", "old");
  await synchronise();
  const content = Buffer.concat([old, zeros, old]).subarray(0, old.length * 2);
  putFile(source, "large", content);
  putFile(source, "other", "new");
  failing.set(calls);
  const { bytesSent } = await synchronise();
  const most = content.length + "new".length;
  if (zerosSent) expect(bytesSent).toBe(most);
  else expect(bytesSent).toBeLessThan(most - 900_000);
  failing.set([]);
  expect(await rsyncDifferences(source, target)).toEqual([]);
  expect(temporaries()).toEqual([]);
});

test("names whose fsync has failed are not told to be complete before one has succeeded, whatever a look finds", async () => {
  putFile(source, "folder/inner/file", "old");
  const completeUpToMs = async (): Promise<number> =>
    (await pair.side("secondary").ask("status", null))[0]?.completeUpToMs ?? 0;
  await synchronise();
  const before = await completeUpToMs();
  putFile(source, "folder/inner/file", "new");
  failing.set([{ call: "sync", path: "target/(folder|other)/inner$", code: "EIO" }]);
  await expect(synchronise()).rejects.toThrow(/names in "folder\/inner" could not be made durable on the target: EIO/);
  expect(fs.readFileSync(join(target, "folder/inner/file"), "utf8")).toBe("new");
  // Nothing is left to be sent, and still it is not durable; nor where the folder stands now.
  await expect(synchronise()).rejects.toThrow(/could not be made durable/);
  fs.renameSync(join(source, "folder"), join(source, "other"));
  await expect(synchronise()).rejects.toThrow(/names in "other\/inner" could not/);
  await expect(synchronise()).rejects.toThrow(/names in "other\/inner" could not/);
  expect(await completeUpToMs()).toBe(before);
  expect((await pair.side("secondary").ask("status", null))[0]).toMatchObject({ health: "fatal" });

  failing.set([]);
  fs.rmSync(traced, { force: true });
  await synchronise();
  expect(await completeUpToMs()).toBeGreaterThan(before);
  const trace = fs.readFileSync(traced, "utf8").trim().split("\n");
  expect(trace.map((line) => JSON.parse(line) as DiskChange)).toContainEqual({
    do: "sync",
    path: join(target, "other/inner"),
  });
  expect(await rsyncDifferences(source, target)).toEqual([]);
});

test("of small files the one whose fsync has failed is not published, and the others are", async () => {
  for (const name of ["a", "b", "c"]) putFile(source, name, "content");
  failing.set([{ call: "sync", path: "/tmp/[^/]*-1$", code: "EIO" }]);
  await synchronise();
  expect(["a", "b", "c"].filter((name) => fs.existsSync(join(target, name)))).toEqual(["a", "c"]);
  expect(temporaries()).toEqual([]);
  failing.set([]);
  await synchronise();
  expect(await rsyncDifferences(source, target)).toEqual([]);
});
