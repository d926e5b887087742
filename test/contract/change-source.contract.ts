import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import type { ChangeSource, OpenChangeSource } from "../../actor/files/change-source.js";
import { makeTemporaryFolder, putFile, removeTree } from "../support/file-tree.js";
import { until } from "../support/until.js";

/** What every change source must do. The folder exists with a file, a folder and a link in it when it is opened. */
export function describeChangeSource(name: string, open: OpenChangeSource): void {
  describe(`the change source ${name}`, () => {
    let base: string;
    let root: string;
    let source: ChangeSource;
    let dirty: string[];
    let uncertain: string[];

    beforeEach(async () => {
      base = makeTemporaryFolder();
      root = path.join(base, "root");
      putFile(root, "file", "x");
      putFile(root, "folder/inner", "x");
      putFile(root, ".deleted/old", "x");
      putFile(base, "outside/file", "x");
      fs.symlinkSync("../outside", path.join(root, "link"));
      dirty = [];
      uncertain = [];
      source = open(root, ["ignored/", "*.log"], {
        onDirty: (changed) => dirty.push(changed),
        onUncertain: (because) => uncertain.push(because),
        onLimited: () => undefined,
      });
      await source.ready;
    });
    afterEach(async () => {
      await source.close();
      removeTree(base);
    });

    /** The path itself or a folder above it: both lead to a look at it. */
    function isReported(changed: string): boolean {
      return dirty.some((one) => one === changed || changed.startsWith(`${one}/`));
    }

    test.each([
      {
        when: "a file is written",
        path: "new file ü",
        act: () => {
          putFile(root, "new file ü", "x");
        },
      },
      {
        when: "a file is changed",
        path: "file",
        act: () => {
          fs.writeFileSync(path.join(root, "file"), "changed");
        },
      },
      {
        when: "a file is appended to",
        path: "folder/inner",
        act: () => {
          fs.appendFileSync(path.join(root, "folder/inner"), "more");
        },
      },
      {
        when: "a mode is changed",
        path: "file",
        act: () => {
          fs.chmodSync(path.join(root, "file"), 0o600);
        },
      },
      {
        when: "a file is removed",
        path: "file",
        act: () => {
          fs.rmSync(path.join(root, "file"));
        },
      },
      {
        when: "a file is renamed (old)",
        path: "file",
        act: () => {
          fs.renameSync(path.join(root, "file"), path.join(root, "moved"));
        },
      },
      {
        when: "a file is renamed (new)",
        path: "moved",
        act: () => {
          fs.renameSync(path.join(root, "file"), path.join(root, "moved"));
        },
      },
      {
        when: "a file is replaced by rename",
        path: "file",
        act: () => {
          putFile(base, "other", "other");
          fs.renameSync(path.join(base, "other"), path.join(root, "file"));
        },
      },
      {
        when: "a folder is made",
        path: "made",
        act: () => {
          fs.mkdirSync(path.join(root, "made"));
        },
      },
      {
        when: "a tree is moved in",
        path: "tree/a/b",
        act: () => {
          putFile(base, "tree/a/b", "x");
          fs.renameSync(path.join(base, "tree"), path.join(root, "tree"));
        },
      },
      {
        when: "a folder is removed",
        path: "folder",
        act: () => {
          fs.rmSync(path.join(root, "folder"), { recursive: true });
        },
      },
      {
        when: "a link is made",
        path: "link2",
        act: () => {
          fs.symlinkSync("file", path.join(root, "link2"));
        },
      },
    ])("reports when $when", async ({ path: changed, act }) => {
      act();
      await until(() => isReported(changed) || uncertain.length > 0);
    });

    test("reports what happens in a folder that was made after the opening", async () => {
      fs.mkdirSync(path.join(root, "made/later"), { recursive: true });
      await until(() => isReported("made"));
      putFile(root, "made/later/file", "x");
      await until(() => isReported("made/later/file") || uncertain.length > 0);
    });

    test("follows a folder that was moved", async () => {
      fs.mkdirSync(path.join(root, "folder/deep"));
      await until(() => isReported("folder/deep"));
      fs.renameSync(path.join(root, "folder"), path.join(root, "moved"));
      await until(() => isReported("moved"));
      await until(() => {
        putFile(root, "moved/deep/file", "x");
        return isReported("moved/deep/file") || uncertain.length > 0;
      });
    });

    test("reports every file of a burst, or says that it may not have", async () => {
      for (let n = 0; n < 3000; n += 1) fs.writeFileSync(path.join(root, `folder/burst-${n}`), "x");
      const missing = (): number => {
        const reported = new Set(dirty);
        return Array.from({ length: 3000 }, (_, n) => `folder/burst-${n}`).filter((one) => !reported.has(one)).length;
      };
      await until(() => dirty.includes("folder") || missing() === 0 || uncertain.length > 0);
    });

    test("reports every file of a burst of changes over many folders, or says that it may not have", async () => {
      const files = Array.from({ length: 6000 }, (_, n) => `many/d${n % 50}/f${n}`);
      // Four events each are more than the kernel keeps. Written before the opening, so that each is known to a source that watches files.
      await source.close();
      for (const file of files.slice(0, 50)) fs.mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
      for (const file of files) fs.writeFileSync(path.join(root, file), "old");
      const reported = new Set<string>();
      source = open(root, [], {
        onDirty: (changed) => reported.add(changed),
        onUncertain: (because) => uncertain.push(because),
        onLimited: () => undefined,
      });
      await source.ready;
      // What comes late of the writing is not of the burst.
      putFile(root, "sign", "x");
      await until(() => reported.has("sign"));
      reported.clear();
      for (const file of files) fs.writeFileSync(path.join(root, file), "new!");
      const isSeen = (file: string): boolean => ["many", path.dirname(file), file].some((one) => reported.has(one));
      await until(() => uncertain.length > 0 || files.every(isSeen), 60_000);
    }, 180_000);

    test("is uncertain or reports the root when the folder itself goes", async () => {
      fs.rmSync(root, { recursive: true });
      await until(() => uncertain.length > 0 || dirty.includes(""));
    });

    test("notices a probe, if it can be tried, time and again and without reporting it", async () => {
      for (let time = 1; time <= 3; time += 1) await source.probe?.();
      putFile(root, "sign", "x");
      await until(() => isReported("sign"));
      expect(dirty.filter((one) => one.includes("sparesync"))).toEqual([]);
    });

    test("reports nothing of SpareSync's own and nothing behind a link", async () => {
      putFile(root, ".deleted/new", "x");
      putFile(root, ".sparesync/tmp/new", "x");
      putFile(base, "outside/new", "x");
      putFile(root, "sign", "x");
      await until(() => isReported("sign"));
      expect(dirty.filter((one) => /deleted|sparesync|outside|^link\//.test(one))).toEqual([]);
    });

    test("is silent after close, which may be called twice", async () => {
      await source.close();
      await source.close();
      dirty.length = 0;
      putFile(root, "late", "x");
      const other = open(root, [], {
        onDirty: () => undefined,
        onUncertain: () => undefined,
        onLimited: () => undefined,
      });
      await other.ready;
      await other.close();
      expect(dirty).toEqual([]);
    });
  });
}
