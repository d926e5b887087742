import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { findDeletedFile, listDeletedFiles, restoreDeletedFile } from "../../cli/files/deleted-files.js";
import { openInside } from "../../actor/files/confined-folder.js";
import { encodeExtended } from "../../actor/core/extended-attributes.js";
import { readExtended } from "../../actor/files/extended-attributes.js";
import { Trash } from "../../actor/files/trash.js";
import { parentPath } from "../../actor/core/file-entry.js";
import { until } from "../support/until.js";
import { makeTemporaryFolder, putFile, removeTree } from "../support/file-tree.js";

let base: string;
let root: string;
let nowMs = 1_800_000_000_000;
beforeEach(async () => {
  base = makeTemporaryFolder();
  root = path.join(base, "root");
  fs.mkdirSync(root);
  const clock = { wallMs: () => nowMs, monotonicMs: () => nowMs, sleep: () => Promise.resolve() };
  const trash = new Trash(root, { keepDays: 7, largestBytes: 1e9 }, clock);
  for (const content of ["first", "second!"]) {
    putFile(root, "sub/file", content, 0o640);
    fs.utimesSync(path.join(root, "sub/file"), 1000, 1000);
    const parent = openInside(root, parentPath("sub/file"));
    trash.keep(parent, "sub/file", "deleted");
    parent.close();
    nowMs += 1000;
  }
  await trash.flush();
});
afterEach(() => {
  removeTree(base);
});

describe("deleted files", () => {
  test("are listed with where they stood, when they went and how large they are, newest first", async () => {
    const files = await listDeletedFiles("uploads", root);
    expect(files.map(({ of, bytes, kind }) => ({ of, bytes, kind }))).toEqual([
      { of: "sub/file", bytes: 7, kind: "file" },
      { of: "sub/file", bytes: 5, kind: "file" },
    ]);
    expect(files[0]?.path).toBe("sub/file");
    expect(files[1]?.path).toMatch(/^sub\/file\.\d{8}T/);
  });

  test("are found by where they stood, the newest first, or exactly by their place", async () => {
    const files = await listDeletedFiles("uploads", root);
    expect(findDeletedFile(files, "sub/file").bytes).toBe(7);
    expect(findDeletedFile(files, files[1]!.path).bytes).toBe(5);
    expect(() => findDeletedFile(files, "../sub/file")).toThrow(/is not in \.deleted/);
  });

  test("are restored whole with mode and time, and never over something", async () => {
    const file = findDeletedFile(await listDeletedFiles("uploads", root), "sub/file");
    const destination = path.join(base, "new/place");
    await restoreDeletedFile(root, file, destination);
    expect(fs.readFileSync(destination, "utf8")).toBe("second!");
    const stat = fs.statSync(destination);
    expect([stat.mode & 0o777, stat.mtimeMs]).toEqual([0o640, 1_000_000]);
    fs.writeFileSync(destination, "newer");
    await expect(restoreDeletedFile(root, file, destination)).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
    expect(fs.readFileSync(destination, "utf8")).toBe("newer");
    expect(fs.readdirSync(path.join(base, "new"))).toEqual(["place"]);
  });

  test("come back to where they stood, also where the folder is gone, and never by way of a link", async () => {
    const file = findDeletedFile(await listDeletedFiles("uploads", root), "sub/file");
    fs.rmSync(path.join(root, "sub"), { recursive: true, force: true });
    await restoreDeletedFile(root, file);
    expect(fs.readFileSync(path.join(root, "sub/file"), "utf8")).toBe("second!");
    expect(fs.readdirSync(path.join(root, "sub"))).toEqual(["file"]);
    const outside = path.join(base, "outside");
    fs.mkdirSync(outside);
    fs.rmSync(path.join(root, "sub"), { recursive: true });
    fs.symlinkSync(outside, path.join(root, "sub"));
    await expect(restoreDeletedFile(root, file)).rejects.toMatchObject({ code: "FILE_PATH_REFUSED" });
    expect(fs.readdirSync(outside)).toEqual([]);
    // Nor is anything read by way of one.
    fs.writeFileSync(path.join(outside, "file"), "secret");
    fs.rmSync(path.join(root, ".deleted/sub"), { recursive: true });
    fs.symlinkSync(outside, path.join(root, ".deleted/sub"));
    await expect(restoreDeletedFile(root, file, path.join(base, "restored"))).rejects.toMatchObject({
      code: "FILE_PATH_REFUSED",
    });
    expect(fs.existsSync(path.join(base, "restored"))).toBe(false);
  });

  test("are restored with their owner, their extended attributes and their time to the microsecond", async () => {
    const kept = path.join(root, ".deleted/sub/file");
    fs.chownSync(kept, 4711, 4712);
    const parent = openInside(root, ".deleted/sub");
    const extended = encodeExtended([{ name: "user.colour", value: Buffer.from("blue") }]);
    parent.setAttributes("file", "file", { mode: 0o640, mtimeNs: 981_173_106_789_123_000n, extended });
    const file = findDeletedFile(await listDeletedFiles("uploads", root), "sub/file");
    await restoreDeletedFile(root, file);
    const restored = path.join(root, "sub/file");
    const { uid, gid, mode, mtimeNs } = fs.statSync(restored, { bigint: true });
    expect([uid, gid, mode & 0o777n]).toEqual([4711n, 4712n, 0o640n]);
    expect(mtimeNs).toBe(981_173_106_789_123_000n);
    expect(parent.extended("file")).toBe(extended);
    expect(readExtended(restored)).toBe(extended);
    parent.close();
  });

  test.each(["語".repeat(84), "x".repeat(255)])(
    "are restored whose name is as long as a system allows: %s",
    async (name) => {
      fs.writeFileSync(path.join(root, ".deleted", name), "long");
      await restoreDeletedFile(root, findDeletedFile(await listDeletedFiles("uploads", root), name));
      expect(fs.readFileSync(path.join(root, name), "utf8")).toBe("long");
      expect(fs.readdirSync(path.join(root, ".sparesync/tmp"))).toEqual([]);
    },
  );

  test("are not seen in the folder before they are whole", async () => {
    const seen = new Set<string>();
    const watcher = fs.watch(root, (_event, name) => seen.add(name ?? ""));
    fs.writeFileSync(path.join(root, ".deleted/large"), Buffer.alloc(4_000_000));
    await restoreDeletedFile(root, findDeletedFile(await listDeletedFiles("uploads", root), "large"));
    await until(() => seen.has("large"));
    watcher.close();
    expect([...seen].filter((name) => name !== ".deleted")).toEqual(["large"]);
  });

  test("that are links are restored as links and not followed", async () => {
    fs.writeFileSync(path.join(base, "secret"), "secret");
    fs.symlinkSync(path.join(base, "secret"), path.join(root, ".deleted/link"));
    const file = findDeletedFile(await listDeletedFiles("uploads", root), "link");
    await restoreDeletedFile(root, file, path.join(base, "restored"));
    expect(fs.readlinkSync(path.join(base, "restored"))).toBe(path.join(base, "secret"));
  });
});
