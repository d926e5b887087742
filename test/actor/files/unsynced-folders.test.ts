import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { join } from "node:path";
import { UnsyncedFolders } from "../../../actor/files/unsynced-folders.js";
import { makeTemporaryFolder, removeTree } from "../../support/file-tree.js";

let base: string;
let root: string;
let folders: UnsyncedFolders;
beforeEach(() => {
  base = makeTemporaryFolder();
  root = join(base, "root");
  fs.mkdirSync(join(root, "folder/inner"), { recursive: true });
  folders = new UnsyncedFolders(root);
});
afterEach(() => {
  removeTree(base);
});

test("folders that are there, and those that were removed since, are durable after a sync", async () => {
  for (const path of ["", "folder", "folder/inner", "gone", "gone/inner"]) folders.add(path);
  await folders.sync();
  expect(folders.size).toBe(0);
});

test("a root that is not there for a moment makes nothing durable", async () => {
  folders.add("folder");
  fs.renameSync(root, join(base, "away"));
  await expect(folders.sync()).rejects.toMatchObject({ code: "ENOENT" });
  expect(folders.size).toBe(1);
  fs.renameSync(join(base, "away"), root);
  await folders.sync();
  expect(folders.size).toBe(0);
});

test("more folders than are synced at once are all synced", async () => {
  for (let n = 0; n < 200; n += 1) {
    fs.mkdirSync(join(root, String(n)));
    folders.add(String(n));
  }
  await folders.sync();
  expect(folders.size).toBe(0);
});
