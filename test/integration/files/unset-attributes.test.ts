import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { join } from "node:path";
import { FailingPair } from "../../support/failing-pair.js";
import type { FailingCalls } from "../../support/file-faults.js";
import type { FileProcessPair } from "../../support/file-process-pair.js";
import { putFile } from "../../support/file-tree.js";
import { rsyncDifferences } from "../../support/rsync-comparison.js";

const isRoot = process.getuid?.() === 0;
let source: string;
let target: string;
let pair: FileProcessPair;
let failing: FailingCalls;
let bench: FailingPair;

beforeEach(async () => {
  bench = await FailingPair.set();
  ({ source, target, pair, failing } = bench);
  await bench.start("secondary");
});
afterEach(() => bench.end());

const ask = (task: "synchronise" | "drain") => pair.side("primary").ask(task, null);
const namedPaths = async () => (await bench.namedPaths()).map(({ path }) => path).sort();

test("owners and modes that the target cannot set hold up neither content nor a planned switchover, and are named", async () => {
  putFile(source, "folder/file", "content");
  putFile(source, "large", Buffer.alloc(5_000_000, "large"));
  fs.symlinkSync("large", join(source, "link"));
  fs.chmodSync(join(source, "folder/file"), 0o4755);
  fs.chmodSync(join(source, "large"), 0o640);
  if (isRoot) for (const name of ["folder/file", "large"]) fs.chownSync(join(source, name), 1234, 1234);
  if (isRoot) fs.lchownSync(join(source, "link"), 1234, 1234);
  failing.set([
    { call: "owner", path: "^", code: "EPERM" },
    { call: "mode", path: "tmp/transfer-|target/large$", code: "EPERM" },
  ]);
  await ask("synchronise");
  expect(fs.readFileSync(join(target, "folder/file"), "utf8")).toBe("content");
  expect(fs.statSync(join(target, "large")).size).toBe(5_000_000);
  expect(fs.readlinkSync(join(target, "link"))).toBe("large");
  const mode = (name: string): number => fs.statSync(join(target, name)).mode & 0o7777;
  // Nobody may run as the actor's own user what was meant for another one; and what is private stays so.
  expect(mode("folder/file")).toBe(isRoot ? 0o755 : 0o4755);
  expect(mode("large")).toBe(0o600);

  expect(await ask("drain")).toEqual({ changesSent: 0, bytesSent: 0 });
  expect(await namedPaths()).toEqual(expect.arrayContaining(isRoot ? ["folder/file", "large", "link"] : ["large"]));
  const [status] = await pair.side("primary").ask("status", null);
  expect(status).toMatchObject({ health: "warning", pendingChanges: 0 });
  // Of owners the target had found out by itself.
  expect(status?.unkept?.filter((one) => one.startsWith("owner"))).toHaveLength(isRoot ? 1 : 0);

  failing.set([]);
  await ask("synchronise");
  expect(await rsyncDifferences(source, target)).toEqual([]);
  expect(await namedPaths()).toEqual([]);
}, 120_000);
