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
});
