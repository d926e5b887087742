import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { copyBasis, hashBasis } from "../../../actor/files/block-hashes.js";
import { makeTemporaryFolder, putFile, removeTree } from "../../support/file-tree.js";

let root: string;
beforeEach(() => {
  root = makeTemporaryFolder();
  putFile(root, "large", "first");
});
afterEach(() => {
  removeTree(root);
});

/** Copies it by the state that it has now; `meanwhile` happens as soon as that was found to hold. */
async function copy(meanwhile: () => void): Promise<string> {
  const answer = await hashBasis(root, { path: "large", transfer: "t", from: 0 });
  const state = Buffer.from(answer.state, "hex");
  let looks = 0;
  state.toString = () => {
    looks += 1;
    if (looks === 1) meanwhile();
    return answer.state;
  };
  const place = path.join(root, "copy");
  await copyBasis(root, { path: "large", place, state, requireRoom: () => undefined });
  return fs.readFileSync(place, "utf8");
}

test("a file that a transfer is built on is copied", async () => {
  expect(await copy(() => undefined)).toBe("first");
});

test("a file that was changed while it was copied is not built on: it may be a mixture", async () => {
  const change = copy(() => {
    fs.appendFileSync(path.join(root, "large"), "second");
  });
  await expect(change).rejects.toMatchObject({ code: "FILE_FAILED", message: expect.stringContaining("was changed") });
});
