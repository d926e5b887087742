import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { probeFolder } from "../../../actor/files/probe-folder.js";
import { systemCalls } from "../../../actor/files/system-calls.js";
import { makeTemporaryFolder, removeTree } from "../../support/file-tree.js";

let root: string;
beforeEach(() => {
  root = makeTemporaryFolder();
});
afterEach(() => {
  removeTree(root);
});

test("a file system is tried, and nothing of that is left", () => {
  const { platform, isNameBlind, unkept } = probeFolder(root);
  expect({ platform, isNameBlind }).toEqual({ platform: process.platform, isNameBlind: false });
  expect(unkept).not.toContain("mode");
  expect(unkept).not.toContain("time");
  expect(unkept.includes("owner")).toBe(process.getuid?.() !== 0);
  expect(fs.readdirSync(path.join(root, ".sparesync/tmp"))).toEqual([]);
});

test("attributes that are taken and not given back are not kept", () => {
  if (systemCalls === undefined) return;
  const { setAttribute } = systemCalls;
  Object.assign(systemCalls, { setAttribute: () => undefined });
  try {
    expect(probeFolder(root).unkept).toContain("extended");
  } finally {
    Object.assign(systemCalls, { setAttribute });
  }
});

test("a folder in which nothing can be made is an error", () => {
  expect(() => probeFolder(path.join(root, "none"))).toThrow(/ENOENT/);
});
