import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { findExtendedAttributes } from "../../cli/files/extended-attributes.js";
import { makeTemporaryFolder, putFile, removeTree } from "../support/file-tree.js";

let root: string;
beforeEach(() => {
  root = makeTemporaryFolder();
});
afterEach(() => {
  removeTree(root);
});

const never = new AbortController().signal;

/** Whether this system has the program and a file system that keeps attributes. */
function canAttribute(name: string): boolean {
  try {
    execFileSync("setfattr", ["-n", "user.origin", "-v", "x", path.join(root, name)], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test("files with extended attributes are named, and counted beyond the limit", async () => {
  for (const name of ["plain", "a", "folder/ü b", ".deleted/old"]) putFile(root, name, "x");
  if (!canAttribute("a")) {
    // Then the command must say so instead of finding nothing, or there is nothing to find.
    const found = await findExtendedAttributes(root, 10, never).catch((error: unknown) => error);
    expect([{ count: 0, files: [] }, expect.objectContaining({ code: "FILE_FAILED" })]).toContainEqual(found);
    return;
  }
  canAttribute("folder/ü b");
  canAttribute(".deleted/old");
  const { count, files } = await findExtendedAttributes(root, 10, never);
  expect(count).toBe(2);
  expect([...files].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { path: "a", attributes: ["user.origin"] },
    { path: "folder/ü b", attributes: ["user.origin"] },
  ]);
  expect(await findExtendedAttributes(root, 1, never)).toMatchObject({ count: 2, files: [{}] });
});

test("a folder that cannot be read is no folder without attributes", async () => {
  await expect(findExtendedAttributes(path.join(root, "nothing"), 10, never)).rejects.toMatchObject({
    code: "FILE_FAILED",
  });
});
