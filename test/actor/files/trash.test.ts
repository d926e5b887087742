import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { openInside } from "../../../actor/files/confined-folder.js";
import { parentPath } from "../../../actor/core/file-entry.js";
import { listKeptAside } from "../../../actor/files/kept-aside.js";
import { Trash } from "../../../actor/files/trash.js";
import { listFiles, makeTemporaryFolder, putFile, removeTree } from "../../support/file-tree.js";
import { never } from "../../support/file-tree-pair.js";

const dayMs = 86_400_000;
let root: string;
let nowMs: number;
let trash: Trash;

function openTrash(keepDays = 7, largestBytes = 1e9, isHolding = () => false): Trash {
  const clock = { wallMs: () => nowMs, monotonicMs: () => nowMs, sleep: () => Promise.resolve() };
  return new Trash(root, { keepDays, largestBytes, isHolding }, clock);
}

async function keep(file: string, reason: "deleted" | "overwritten" = "deleted"): Promise<void> {
  const parent = openInside(root, parentPath(file));
  trash.keep(parent, file, reason);
  parent.close();
  await trash.flush();
}

function kept(): string[] {
  return listFiles(path.join(root, ".deleted"));
}

beforeEach(() => {
  root = makeTemporaryFolder();
  nowMs = Date.now();
  trash = openTrash();
});
afterEach(() => {
  removeTree(root);
});

test("purges by the recorded time of deletion, not by the file's own, also after a restart", async () => {
  putFile(root, "a/old", "x");
  fs.utimesSync(path.join(root, "a/old"), 1, 1);
  await keep("a/old");
  nowMs += 6 * dayMs;
  putFile(root, "a/later", "yy");
  await keep("a/later");
  trash = openTrash();
  expect(await trash.purge(never)).toEqual({ files: 0, bytes: 0 });
  nowMs += dayMs;
  expect(await trash.purge(never)).toEqual({ files: 1, bytes: 1 });
  expect(kept()).toEqual(["a/later"]);
  nowMs += 6 * dayMs;
  expect(await trash.purge(never)).toEqual({ files: 1, bytes: 2 });
  // The folders in it go when nothing is left in them.
  expect(fs.readdirSync(path.join(root, ".deleted"))).toEqual([]);
});

test("counts what has no record as deleted when it is first seen", async () => {
  putFile(root, ".deleted/stranger", "x");
  expect((await trash.purge(never)).files).toBe(0);
  nowMs += 7 * dayMs;
  expect((await trash.purge(never)).files).toBe(1);
});

test("purges a link and not what it points to", async () => {
  putFile(root, "target/file", "x");
  fs.symlinkSync("../target", path.join(root, "link"));
  await keep("link");
  nowMs += 8 * dayMs;
  expect((await trash.purge(never)).files).toBe(1);
  expect(listFiles(root)).toContain("target/file");
});

test("keeps an overwritten file as a second name, so that there is no moment without it", async () => {
  putFile(root, "file", "x");
  await keep("file", "overwritten");
  expect(fs.statSync(path.join(root, "file")).ino).toBe(fs.statSync(path.join(root, ".deleted/file")).ino);
  // A crash came between this and the rename; the second attempt keeps no second version.
  await keep("file", "overwritten");
  expect(kept()).toEqual(["file"]);
  await keep("file", "deleted");
  expect(kept()).toEqual(["file"]);
  expect(fs.existsSync(path.join(root, "file"))).toBe(false);
});

test("keeps every version of a name, many in one moment and of any length", async () => {
  const long = "n".repeat(250);
  for (const name of ["file", long]) {
    for (let n = 0; n < 5; n += 1) {
      putFile(root, name, `${name}${n}`);
      await keep(name);
    }
  }
  const contents = kept().map((name) => fs.readFileSync(path.join(root, ".deleted", name), "utf8"));
  const expected = ["file", long].flatMap((name) => [0, 1, 2, 3, 4].map((n) => `${name}${n}`));
  expect(contents.sort()).toEqual(expected.sort());
  expect(fs.readFileSync(path.join(root, ".deleted/file"), "utf8")).toBe("file4");
});

test("keeps a file where a folder of that name was deleted, and the other way round", async () => {
  putFile(root, "x/inner", "inner");
  await keep("x/inner");
  fs.rmdirSync(path.join(root, "x"));
  putFile(root, "x", "file");
  await keep("x");
  putFile(root, "y", "file");
  await keep("y");
  putFile(root, "y/inner", "inner");
  await keep("y/inner");
  const contents = kept().map((name) => fs.readFileSync(path.join(root, ".deleted", name), "utf8"));
  expect(contents.sort()).toEqual(["file", "file", "inner", "inner"]);
  expect(fs.readFileSync(path.join(root, ".deleted/x/inner"), "utf8")).toBe("inner");
  expect(fs.readFileSync(path.join(root, ".deleted/y/inner"), "utf8")).toBe("inner");
});

test("keeps nothing when the setting is zero", async () => {
  trash = openTrash(0);
  putFile(root, "file", "x");
  await keep("file", "overwritten");
  expect(fs.existsSync(path.join(root, "file"))).toBe(true);
  await keep("file");
  expect(fs.existsSync(path.join(root, "file"))).toBe(false);
  expect(kept()).toEqual([]);
});

test("of more than the limit the oldest goes first, by the time of its deletion, and what is kept is counted", async () => {
  trash = openTrash(7, 100);
  for (const [index, bytes] of [40, 30, 50].entries()) {
    putFile(root, `f${index}`, "x".repeat(bytes));
    // The file's own time says the opposite.
    fs.utimesSync(path.join(root, `f${index}`), 1000 - index, 1000 - index);
    await keep(`f${index}`);
    nowMs += 1000;
  }
  expect(trash.kept).toBeUndefined();
  expect(await trash.purge(never)).toEqual({ files: 1, bytes: 40 });
  expect(kept()).toEqual(["f1", "f2"]);
  expect(trash.kept).toEqual({ files: 2, bytes: 80 });
  putFile(root, "f3", "xxx");
  await keep("f3");
  expect(trash.kept).toEqual({ files: 3, bytes: 83 });
  expect(await trash.purge(never)).toEqual({ files: 0, bytes: 0 });
});

test("what is larger than the limit by itself goes, and nothing else for it", async () => {
  trash = openTrash(7, 100);
  for (const [name, bytes] of Object.entries({ old: 60, huge: 101, young: 40 })) {
    putFile(root, name, "x".repeat(bytes));
    await keep(name);
    nowMs += 1000;
  }
  expect(await trash.purge(never)).toEqual({ files: 1, bytes: 101 });
  expect(kept()).toEqual(["old", "young"]);
});

test("of a sparse file counts what it holds, not what it seems to", async () => {
  trash = openTrash(7, 1e6);
  putFile(root, "sparse", "x");
  fs.truncateSync(path.join(root, "sparse"), 1e9);
  putFile(root, "young", "y");
  await trash.purge(never);
  await keep("sparse");
  await keep("young");
  expect(trash.kept!.bytes).toBeLessThan(1e6);
  expect(await trash.purge(never)).toEqual({ files: 0, bytes: 0 });
  expect(trash.kept!.bytes).toBeLessThan(1e6);
});

test("however much is held, nothing else has to go for it", async () => {
  trash = openTrash(7, 100, () => true);
  putFile(root, "held", "x".repeat(90));
  await keep("held");
  trash = openTrash(7, 100);
  putFile(root, "not-held", "x".repeat(90));
  await keep("not-held");
  expect(await trash.purge(never)).toEqual({ files: 0, bytes: 0 });
  expect(kept()).toEqual(["held", "not-held"]);
});

test("what a reverse synchronisation replaces is held against every setting until a person has looked", async () => {
  let isHolding = true;
  trash = openTrash(0, 0, () => isHolding);
  putFile(root, "written-after-the-failover", "x");
  await keep("written-after-the-failover", "overwritten");
  isHolding = false;
  nowMs += 400 * dayMs;
  trash = openTrash(7, 0, () => isHolding);
  expect((await trash.purge(never)).files).toBe(0);
  expect(await trash.release()).toBe(1);
  expect(await trash.release()).toBe(0);
  trash = openTrash(7, 1e9);
  nowMs += 6 * dayMs;
  // Seven days from the look, not from the deletion.
  expect((await trash.purge(never)).files).toBe(0);
  nowMs += 2 * dayMs;
  expect((await trash.purge(never)).files).toBe(1);
});

describe("a version that is held and has to make way for a newer one of the same path", () => {
  beforeEach(async () => {
    let isHolding = true;
    trash = openTrash(7, 1e9, () => isHolding);
    putFile(root, "file", "written after the failover");
    await keep("file", "overwritten");
    isHolding = false;
    nowMs += dayMs;
    fs.rmSync(path.join(root, "file"));
    putFile(root, "file", "newer");
  });

  test("stays held under its new name; the newer one is purged as ever", async () => {
    await keep("file");
    nowMs += 400 * dayMs;
    expect(await trash.purge(never)).toEqual({ files: 1, bytes: 5 });
    const { files, total } = await listKeptAside(root, {});
    expect(total).toBe(1);
    expect(files).toMatchObject([{ path: "file", reason: "overwritten", bytes: 26 }]);
    expect(fs.readFileSync(path.join(root, ".deleted", files[0]!.keptAs), "utf8")).toBe("written after the failover");
  });

  test("is held as well when a crash took its record", async () => {
    const parent = openInside(root, "");
    trash.keep(parent, "file", "deleted");
    parent.close();
    trash = openTrash(7, 1e9);
    // The first one finds it without a record and gives it one.
    await trash.purge(never);
    nowMs += 400 * dayMs;
    expect(await trash.purge(never)).toEqual({ files: 0, bytes: 0 });
  });
});

describe("what is held, and has no record", () => {
  let isHolding = true;

  /** As a kill between the renaming and the record leaves it. */
  function keepUnrecorded(name: string): void {
    putFile(root, name, name);
    const parent = openInside(root, "");
    trash.keep(parent, name, "deleted");
    parent.close();
    reopen();
  }

  function reopen(): void {
    trash = openTrash(0, 0, () => isHolding);
  }

  beforeEach(() => {
    isHolding = true;
    reopen();
  });

  test.each([true, false])("is not purged after a kill (still holding: %p)", async (isStillHolding) => {
    keepUnrecorded("killed");
    isHolding = isStillHolding;
    nowMs += 400 * dayMs;
    expect(await trash.purge(never)).toEqual({ files: 0, bytes: 0 });
    expect((await listKeptAside(root, {})).files.map(({ path }) => path)).toEqual(["killed"]);
  });

  test("is not purged where all records are lost", async () => {
    putFile(root, "file", "x");
    await keep("file");
    fs.rmSync(path.join(root, ".sparesync/deleted.jsonl"));
    isHolding = false;
    reopen();
    expect(await trash.purge(never)).toEqual({ files: 0, bytes: 0 });
    expect((await listKeptAside(root, {})).total).toBe(1);
  });

  test("nor where everything of our own is lost while it is still going on", async () => {
    keepUnrecorded("file");
    removeTree(path.join(root, ".sparesync"));
    expect(await trash.purge(never)).toEqual({ files: 0, bytes: 0 });
    expect((await listKeptAside(root, {})).total).toBe(1);
  });

  test("is not released before it could be seen; and with the last one that is, nothing is held", async () => {
    putFile(root, "seen", "x");
    await keep("seen");
    keepUnrecorded("unseen");
    isHolding = false;
    expect(await trash.release()).toBe(1);
    expect((await listKeptAside(root, {})).files.map((one) => one.path)).toEqual(["unseen"]);
    expect(await trash.purge(never)).toEqual({ files: 1, bytes: 1 });
    expect(await trash.release()).toBe(1);
    expect(await trash.purge(never)).toEqual({ files: 1, bytes: 6 });
    putFile(root, ".deleted/stranger", "x");
    expect(await trash.purge(never)).toEqual({ files: 1, bytes: 1 });
  });
});

describe("what is held", () => {
  beforeEach(async () => {
    trash = openTrash(7, 1e9, () => true);
    for (const name of ["c", "a/b", "a/a", "d"]) {
      putFile(root, name, name);
      fs.utimesSync(path.join(root, name), 5, 5);
      await keep(name);
    }
    trash = openTrash();
    putFile(root, "not-held", "");
    await keep("not-held");
  });

  test("is listed page by page, with the times and sizes of the kept versions", async () => {
    const first = await listKeptAside(root, { limit: 3 });
    expect(first.files.map((one) => one.keptAs)).toEqual(["a/a", "a/b", "c"]);
    expect(first.files[0]).toEqual({
      path: "a/a",
      keptAs: "a/a",
      reason: "deleted",
      kind: "file",
      bytes: 3,
      deletedAtMs: nowMs,
      modifiedAtMs: 5000,
    });
    expect(first).toMatchObject({ total: 4, after: "c" });
    const second = await listKeptAside(root, { after: "c", limit: 3 });
    expect(second.files.map((one) => one.keptAs)).toEqual(["d"]);
    expect(second.after).toBeUndefined();
  });

  test("is not listed where somebody took it out of .deleted", async () => {
    removeTree(path.join(root, ".deleted/a"));
    expect((await listKeptAside(root, {})).files.map((one) => one.keptAs)).toEqual(["c", "d"]);
  });

  test("is listed no more when it is released", async () => {
    expect(await trash.release()).toBe(4);
    expect(await listKeptAside(root, {})).toEqual({ files: [], total: 0, after: undefined });
  });
});

test("while very many records are read others have their turn", async () => {
  const own = path.join(root, ".sparesync");
  fs.mkdirSync(own);
  const lines = Array.from({ length: 20_000 }, (_, n) =>
    JSON.stringify({ path: `f${n}`, deletedAtMs: n, reason: "x", isHeld: true }),
  );
  fs.writeFileSync(path.join(own, "deleted.jsonl"), lines.join("\n"));
  let turns = 0;
  const count = (): void => {
    turns += 1;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  expect((await listKeptAside(root, { limit: 10 })).total).toBe(20_000);
  clearImmediate(immediate);
  expect(turns).toBeGreaterThan(10);
});
