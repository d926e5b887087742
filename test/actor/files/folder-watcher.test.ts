import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import path from "node:path";
import { openFolderWatcher } from "../../../actor/files/folder-watcher.js";
import { ConfinedFolder, openInside } from "../../../actor/files/confined-folder.js";
import { FolderWatches, type WatchesLimits } from "../../../actor/files/folder-watches.js";
import { describeChangeSource } from "../../contract/change-source.contract.js";
import { longestPathBytes } from "../../../actor/core/file-path.js";
import { makeTemporaryFolder, putFile, removeTree } from "../../support/file-tree.js";
import { until } from "../../support/until.js";

// inotify is Linux's.
if (process.platform === "linux") describeChangeSource("of one watch for each folder", openFolderWatcher);

describe("the watches of a tree", () => {
  let base: string;
  let root: string;
  let watches: FolderWatches;
  let dirty: string[];
  let uncertain: string[];
  let limited: string[];
  let largestReport: number;
  beforeEach(() => {
    base = makeTemporaryFolder();
    root = base;
    putFile(root, "a/inner/file", "x");
    putFile(root, "b/file", "x");
  });
  afterEach(() => {
    watches.close();
    // Also what no path can name as a whole.
    execFileSync("rm", ["-rf", base]);
  });

  /** So many folders in each other; returns the path of the innermost. Each is made by its name alone. */
  function makeDeep(place: string, levels: number): string {
    let folder = ConfinedFolder.openRoot(place);
    let deepest = place;
    for (let level = 0; level < levels; level += 1) {
      const name = `deep${level}-${"x".repeat(200)}`;
      const outer = folder;
      folder = outer.openOrMakeChild(name, 0o700);
      outer.close();
      deepest = path.join(deepest, name);
    }
    folder.close();
    return deepest;
  }

  function inFolder(from: string, folder: string, use: (place: string) => void): void {
    const opened = openInside(from, folder);
    try {
      use(opened.place("."));
    } finally {
      opened.close();
    }
  }

  function start(limits: Partial<WatchesLimits> = {}): void {
    dirty = [];
    uncertain = [];
    limited = [];
    largestReport = 0;
    const events = {
      onDirty: (paths: readonly string[]) => {
        dirty.push(...paths);
        largestReport = Math.max(largestReport, paths.length);
      },
      onUncertain: (because: string) => uncertain.push(because),
      onLimited: (because: string) => limited.push(because),
    };
    watches = new FolderWatches(root, events, limits);
    watches.start();
  }

  test("belong to the folder that has the name now, not to the one that had it", async () => {
    start();
    fs.renameSync(path.join(root, "a"), path.join(root, "moved"));
    fs.mkdirSync(path.join(root, "a"));
    await until(() => dirty.includes("moved") && dirty.includes("a"));
    dirty.length = 0;
    putFile(root, "a/new", "x");
    putFile(root, "moved/inner/new", "x");
    await until(() => dirty.includes("a/new") && dirty.includes("moved/inner/new"));
    expect(dirty.filter((one) => one.startsWith("a/inner"))).toEqual([]);
  });

  test("are uncertain when another folder has taken the place of the root", async () => {
    start();
    putFile(`${root}-other`, "file", "x");
    try {
      fs.renameSync(root, `${root}-away`);
      // Nobody has looked in between: by its name the folder was never gone.
      fs.renameSync(`${root}-other`, root);
      await until(() => uncertain.length > 0);
      expect(uncertain[0]).toContain("the folder itself");
    } finally {
      removeTree(`${root}-away`);
    }
  });

  test("that cannot be had are missed with the remedy, looked at instead, and taken up when there is room", async () => {
    let hasRoom = false;
    const watch = ((place: string, options: object) => {
      if (!hasRoom && place.endsWith("/a")) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      return fs.watch(place, options as { encoding: "buffer" });
    }) as typeof fs.watch;
    start({ watch, retryMs: 20 });
    expect(limited).toEqual([expect.stringContaining("fs.inotify.max_user_watches")]);
    // Nothing tells of the change, but the folder is looked at.
    await until(() => dirty.includes("a"));
    putFile(root, "b/seen", "x");
    await until(() => dirty.includes("b/seen"));
    hasRoom = true;
    await until(() => limited.length === 2);
    expect(limited[1]).toBe("");
    putFile(root, "a/inner/seen", "x");
    await until(() => dirty.includes("a/inner/seen"));
    expect(uncertain).toEqual([]);
  });

  test("that cannot be had for another reason leave only that folder to be looked at", async () => {
    const watch = ((place: string, options: object) => {
      if (place.endsWith("/a")) throw Object.assign(new Error("the name is too long"), { code: "ENAMETOOLONG" });
      return fs.watch(place, options as { encoding: "buffer" });
    }) as typeof fs.watch;
    start({ watch, retryMs: 20 });
    expect(limited).toEqual([expect.stringContaining('the folder "a" cannot be watched (ENAMETOOLONG)')]);
    await until(() => dirty.includes("a"));
    putFile(root, "b/seen", "x");
    await until(() => dirty.includes("b/seen"));
    expect(uncertain).toEqual([]);
  });

  test("are not wanted in a folder whose path is too long to be copied, and leave nothing unwatched", async () => {
    // Some have a path that no system call takes.
    makeDeep(root, 25);
    start();
    // And one more is made later, in the last one that can be copied.
    const last = path.relative(root, makeDeep(path.join(root, "b"), 16));
    const outermost = last.split("/").slice(0, 2).join("/");
    await until(() => dirty.includes(outermost));
    inFolder(root, last, (place) => makeDeep(place, 8));
    await until(() => dirty.some((one) => one.startsWith(`${last}/`) && Buffer.byteLength(one) > longestPathBytes));
    const tooLong = () => new Set(dirty.filter((one) => Buffer.byteLength(one) > longestPathBytes));
    const named = tooLong();
    inFolder(root, `${last}/deep0-${"x".repeat(200)}/deep1-${"x".repeat(200)}`, (place) => {
      fs.writeFileSync(path.join(place, "unseen"), "x");
    });
    putFile(root, "b/seen", "x");
    await until(() => dirty.includes("b/seen"));
    // Only what stands in a folder that can be copied.
    expect(tooLong()).toEqual(named);
    expect(limited).toEqual([]);
    expect(uncertain).toEqual([]);
  });

  test("are had where only the path of the root makes a path too long for a system call", async () => {
    // The root itself can be named, what is in it by a short path cannot.
    root = makeDeep(root, 15);
    const inner = makeDeep(root, 10);
    start();
    const folder = path.relative(root, inner);
    inFolder(root, folder, (place) => {
      fs.mkdirSync(path.join(place, "made"));
    });
    await until(() => dirty.includes(`${folder}/made`));
    inFolder(root, `${folder}/made`, (place) => {
      fs.writeFileSync(path.join(place, "seen"), "x");
    });
    await until(() => dirty.includes(`${folder}/made/seen`));
    expect(limited).toEqual([]);
    expect(uncertain).toEqual([]);
  });

  test("that are missing in very many folders have these looked at in turn", async () => {
    for (let n = 0; n < 7; n += 1) fs.mkdirSync(path.join(root, `many-${n}`));
    const watch = ((place: string, options: object) => {
      if (place.includes("/many-")) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      return fs.watch(place, options as { encoding: "buffer" });
    }) as typeof fs.watch;
    start({ watch, retryMs: 20, unwatchedAtOnce: 3 });
    await until(() => new Set(dirty).size === 7);
    // Nobody comes a second time before all have had their turn.
    expect(new Set(dirty.slice(0, 6)).size).toBe(6);
    expect(largestReport).toBe(3);
    expect(uncertain).toEqual([]);
  });

  test("go on when a folder may not be looked into any more", async () => {
    // To root nothing is forbidden.
    const isRoot = process.getuid?.() === 0;
    fs.chownSync(root, isRoot ? 65_534 : fs.statSync(root).uid, fs.statSync(root).gid);
    for (const name of ["a", "a/inner"]) if (isRoot) fs.chownSync(path.join(root, name), 65_534, 0);
    if (isRoot) process.seteuid?.(65_534);
    try {
      start();
      fs.chmodSync(path.join(root, "a"), 0o400);
      await until(() => dirty.includes("a"));
      fs.writeFileSync(path.join(root, "new"), "x");
      await until(() => dirty.includes("new"));
      expect(uncertain).toEqual([]);
    } finally {
      fs.chmodSync(path.join(root, "a"), 0o700);
      if (isRoot) process.seteuid?.(0);
    }
  });

  test("are uncertain when as many events come at once as the kernel keeps", async () => {
    start({ queueEvents: 50 });
    for (let n = 0; n < 20; n += 1) fs.writeFileSync(path.join(root, `b/f${n}`), "x");
    for (let n = 0; n < 60; n += 1) fs.chmodSync(path.join(root, `b/f${n % 20}`), 0o600 + (n % 7));
    await until(() => uncertain.length > 0);
    expect(uncertain[0]).toContain("max_queued_events");
    await until(() => dirty.includes("b/f19"));
  });

  test.each([
    { when: "has another name since", to: "moved" },
    { when: "stands elsewhere since", to: "../elsewhere" },
  ])("count what comes of a folder that $when: it has its share of the queue", async ({ to }) => {
    // The root is a folder further in, so that there is an outside.
    root = path.join(base, "root");
    putFile(root, "a/inner/file", "x");
    start({ queueEvents: 50 });
    fs.renameSync(path.join(root, "a"), path.join(root, to));
    for (let n = 0; n < 60; n += 1) fs.chmodSync(path.join(root, to, "inner"), 0o700 + (n % 7));
    await until(() => uncertain.length > 0);
    expect(uncertain[0]).toContain("max_queued_events");
  });

  test("are uncertain when a change was dropped behind a folder that was renamed, with the kernel's own queue", async () => {
    putFile(root, "c/lost", "old");
    start();
    const queued = Number(fs.readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8"));
    fs.renameSync(path.join(root, "a"), path.join(root, "moved"));
    const files = ["one", "other"].map((name) => fs.openSync(path.join(root, "moved/inner", name), "w"));
    // In turn: the same event twice in a row is one.
    for (let n = 0; n < queued * 1.1; n += 1) for (const file of files) fs.writeSync(file, "x", 0);
    for (const file of files) fs.closeSync(file);
    fs.writeFileSync(path.join(root, "c/lost"), "new");
    await until(() => uncertain.length > 0);
    expect(dirty).not.toContain("c/lost");
  });

  test("are on the folder that was made in the place of one removed, even if it was given the same inode", async () => {
    fs.mkdirSync(path.join(root, "empty"));
    start();
    // Nobody reads in between, and many file systems give the inode that is free again.
    fs.rmdirSync(path.join(root, "empty"));
    fs.mkdirSync(path.join(root, "empty"));
    await until(() => dirty.includes("empty"));
    putFile(root, "b/seen", "x");
    await until(() => dirty.includes("b/seen"));
    putFile(root, "empty/new", "x");
    await until(() => dirty.includes("empty/new"));
  });

  /** A watch whose closing is noticed. */
  function watchClosing(onClosed: (place: string) => unknown): typeof fs.watch {
    return ((place: string, options: object) => {
      const watcher = fs.watch(place, options as { encoding: "buffer" });
      const close = watcher.close.bind(watcher);
      watcher.close = () => {
        close();
        onClosed(place);
      };
      return watcher;
    }) as typeof fs.watch;
  }

  test("of folders that are gone are closed, every one, when they are quiet", async () => {
    for (let n = 0; n < 1100; n += 1) fs.mkdirSync(path.join(root, `a/many-${n}`));
    const closed: string[] = [];
    start({ watch: watchClosing((place) => closed.push(place)) });
    removeTree(path.join(root, "a"));
    // Itself, the one in it from the beginning, and these.
    await until(() => closed.length === 1102);
    expect(new Set(closed).size).toBe(1102);
  });

  test("are uncertain when it took so long to close some that very many events may be dropped with them", async () => {
    const nap = new Int32Array(new SharedArrayBuffer(4));
    start({ watch: watchClosing((place) => place.endsWith("/b") && Atomics.wait(nap, 0, 0, 1500)) });
    removeTree(path.join(root, "b"));
    await until(() => uncertain.length > 0);
    expect(uncertain[0]).toContain("while watches were closed");
  });

  test("believe in a queue of half the length when some were just closed", async () => {
    putFile(root, "b/0", "x");
    putFile(root, "b/1", "x");
    let changes = 30;
    const changeAll = (): void => {
      for (; changes > 0; changes -= 1) fs.chmodSync(path.join(root, `b/${changes % 2}`), 0o600);
    };
    // What comes right after the closing is read together with what was dropped.
    start({ queueEvents: 50, watch: watchClosing(changeAll) });
    removeTree(path.join(root, "a"));
    await until(() => uncertain.length > 0);
    expect(uncertain[0]).toContain("max_queued_events");
  });
});
