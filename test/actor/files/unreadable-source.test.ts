import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { listFiles, putFile } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";

/** To root nothing is unreadable. */
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

let pair: FileTreePair;
beforeEach(async () => {
  if (isRoot) process.seteuid?.(nobody);
  pair = new FileTreePair();
  for (let n = 0; n < 150; n += 1) putFile(pair.primaryRoot, `many/${n}`, String(n));
  for (let n = 0; n < 5; n += 1) putFile(pair.primaryRoot, `few/${n}`, String(n));
  await pair.begin();
  await pair.primary.synchronise(never);
});
afterEach(async () => {
  for (const name of ["many", "few"]) if (fs.existsSync(pair.source(name))) fs.chmodSync(pair.source(name), 0o755);
  if (isRoot) process.seteuid?.(0);
  await pair.end();
});

/** The target's folders have the source's modes. */
function filesOfTarget(name: string): string[] {
  fs.chmodSync(pair.target(name), 0o755);
  return listFiles(pair.target(name));
}

test("one folder that cannot be read does not open the door to a loss elsewhere", async () => {
  fs.chmodSync(pair.source("few"), 0);
  fs.rmSync(pair.source("many"), { recursive: true });
  putFile(pair.primaryRoot, "new", "new");
  const applied = pair.toSecondary.count("files/apply");
  await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "FILE_VETO" });
  // Decided before anything was sent.
  expect(pair.toSecondary.count("files/apply")).toBe(applied);
  expect(filesOfTarget("many")).toHaveLength(150);
});

test("what cannot be read is not gone: it stays on the target and counts for no veto, again and again", async () => {
  // Readable, but nothing in it can be looked at; then not even readable.
  for (const mode of [0o444, 0, 0o444]) {
    fs.chmodSync(pair.source("many"), mode);
    fs.rmSync(pair.source("few/1"), { force: true });
    await pair.primary.synchronise(never);
    expect(filesOfTarget("many")).toHaveLength(150);
    expect(filesOfTarget("few")).toHaveLength(4);
    expect(pair.primary.status()[0]).toMatchObject({ health: "warning" });
  }
  fs.chmodSync(pair.source("many"), 0o755);
  await pair.primary.synchronise(never);
  expect(pair.primary.status()[0]).toMatchObject({ health: "ok" });
});
