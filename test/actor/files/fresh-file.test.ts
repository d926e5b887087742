import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import path from "node:path";
import { encodeExtended } from "../../../actor/core/extended-attributes.js";
import type { WireOperation } from "../../../actor/core/file-operation.js";
import { ConfinedFolder } from "../../../actor/files/confined-folder.js";
import { isModeOfFresh, isOwnerOfFresh, lookAtFreshFile } from "../../../actor/files/fresh-file.js";
import { stageContents } from "../../../actor/files/staging.js";
import { systemCalls } from "../../../actor/files/system-calls.js";
import { createSystemRandom } from "../../../shared/system-random.js";
import { makeTemporaryFolder, removeTree } from "../../support/file-tree.js";

let root: string;
let folder: ConfinedFolder;
let umask: number;
beforeEach(() => {
  root = makeTemporaryFolder();
  folder = ConfinedFolder.openRoot(root);
  umask = process.umask(0o027);
});
afterEach(() => {
  process.umask(umask);
  folder.close();
  removeTree(root);
});

const canLook = systemCalls !== undefined;
const testWithCalls = canLook ? test : test.skip;
const isRoot = process.getuid?.() === 0;

testWithCalls("what a new file has is found out, and nothing stays behind", () => {
  const { uid, gid } = fs.statSync(root);
  expect(lookAtFreshFile(folder, "fresh")).toEqual({ mode: 0o750, uid, gid });
  expect(fs.readdirSync(root)).toEqual([]);
});

testWithCalls("where a new file would have an access list, nothing is taken for granted", () => {
  try {
    execFileSync("setfacl", ["-d", "-m", "u:12345:rwx", root], { stdio: "ignore" });
  } catch {
    // Neither the program nor access lists are everywhere.
    return;
  }
  expect(lookAtFreshFile(folder, "fresh")).toBeUndefined();
});

const fresh = { mode: 0o750, uid: 5, gid: 6 };
test.each([
  { when: "its mode is that of a new file", attributes: { mode: 0o750 }, has: true },
  { when: "its mode is a part of that", attributes: { mode: 0o640 }, has: true },
  { when: "it allows what the umask takes away", attributes: { mode: 0o644 }, has: false },
  { when: "it has a set-id bit", attributes: { mode: 0o4750 }, has: false },
  { when: "it has extended attributes", attributes: { mode: 0o640, extended: "x" }, has: false },
])("a file is made with its mode or given it afterwards: $when", ({ attributes, has }) => {
  expect(isModeOfFresh(fresh, { mtimeNs: 0n, ...attributes })).toBe(has);
  expect(isModeOfFresh(undefined, { mtimeNs: 0n, ...attributes })).toBe(false);
});

test.each([
  { when: "it is the same", uid: 5, gid: 6, has: true },
  { when: "the group is another", uid: 5, gid: 7, has: false },
  { when: "the user is another", uid: 6, gid: 6, has: false },
])("a file is given its owner unless $when", ({ uid, gid, has }) => {
  expect(isOwnerOfFresh(fresh, { mode: 0, mtimeNs: 0n, uid, gid })).toBe(has);
});

test("files that are staged together have their own modes and owners, whatever the umask", async () => {
  const modes = [0o600, 0o640, 0o644, 0o666, 0o777, 0o4755, 0o2750, 0o000, 0o1777, 0o444];
  const owners = isRoot ? [0, 12345] : [undefined];
  const operations = owners.flatMap((uid) =>
    modes.map((mode): WireOperation => {
      const attributes = { mode, mtimeNs: 1_000_000n, uid, gid: uid };
      return { do: "put-file", path: "x", contentHash: Buffer.alloc(32), crc32: 0, bytes: 0, ...attributes };
    }),
  );
  const extended = encodeExtended([{ name: "user.origin", value: Buffer.from("elsewhere") }]);
  const attributes = { mode: 0o600, mtimeNs: 0n, extended };
  operations.push({ do: "put-file", path: "y", contentHash: Buffer.alloc(32), crc32: 0, bytes: 0, ...attributes });
  const contents = operations.map(() => Buffer.alloc(0));
  const random = createSystemRandom();
  const broken = new Map<string, string>();
  const ports = { root, temporary: folder, random, broken, isDurable: false, requireRoom: () => undefined };
  const staged = await stageContents(operations, contents, ports);
  const special = staged.pop();
  const seen = staged.map(({ name = "none" }) => {
    const { mode, uid } = fs.statSync(path.join(root, name));
    return { mode: mode & 0o7777, uid };
  });
  const { uid } = fs.statSync(root);
  expect(seen).toEqual(owners.flatMap((owner) => modes.map((mode) => ({ mode, uid: owner ?? uid }))));
  expect(fs.readdirSync(root)).toHaveLength(operations.length);
  expect(staged.every(({ isPlain }) => isPlain === canLook)).toBe(true);
  expect(special?.isPlain).toBe(false);
});
