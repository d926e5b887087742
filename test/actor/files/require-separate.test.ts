import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { requireSeparate } from "../../../actor/files/require-separate.js";
import { folderSettings } from "../../../shared/core/settings/data-settings.js";
import { makeTemporaryFolder, removeTree } from "../../support/file-tree.js";

let base: string;
beforeEach(() => {
  base = makeTemporaryFolder();
  for (const name of ["real/inner", "other", "state"]) fs.mkdirSync(path.join(base, name), { recursive: true });
});
afterEach(() => {
  removeTree(base);
});

function require(paths: readonly string[], state = "state"): void {
  const folders = paths.map((name, index) => folderSettings.parse({ name: `f${index}`, path: path.join(base, name) }));
  requireSeparate(folders, path.join(base, state));
}

test("folders beside each other are separate, also where one is not there yet", () => {
  expect(() => {
    require(["real", "other", "not-yet/inner"]);
  }).not.toThrow();
});

test.each([
  { when: "is the other one", to: "real" },
  { when: "is a folder in the other one", to: "real/inner" },
])("a folder that by a link $when is refused, whatever their order", ({ to }) => {
  fs.symlinkSync(path.join(base, to), path.join(base, "alias"));
  for (const paths of [
    ["real", "alias"],
    ["alias", "real"],
  ]) {
    expect(() => {
      require(paths);
    }).toThrow(/leads into the folder/);
  }
});

test("a folder is refused that comes to be in another one by a link above it, though it is not there yet", () => {
  fs.symlinkSync(path.join(base, "real"), path.join(base, "alias"));
  expect(() => {
    require(["real", "alias/not-yet/inner"]);
  }).toThrow(/leads into/);
});

test("so is a state directory that lies in a folder by a link", () => {
  fs.symlinkSync(path.join(base, "real/inner"), path.join(base, "kept"));
  expect(() => {
    require(["real"], "kept");
  }).toThrow(/leads into the folder f0/);
});
