import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import path from "node:path";
import { OpenParents } from "../../../actor/files/open-parents.js";
import { readWholeFile, SourceFile } from "../../../actor/files/source-file.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { makeTemporaryFolder, putFile, removeTree } from "../../support/file-tree.js";

const clock = createSystemClock();
let root: string;
beforeEach(() => {
  root = makeTemporaryFolder();
  putFile(root, "folder/file", "x".repeat(1000));
});
afterEach(() => {
  removeTree(root);
});

function place(name: string): string {
  return path.join(root, name);
}

const file = (): string => place("folder/file");

const changes = [
  {
    when: "grows",
    change: () => {
      fs.appendFileSync(file(), "more");
    },
  },
  {
    when: "shrinks",
    change: () => {
      fs.truncateSync(file(), 10);
    },
  },
  {
    when: "is written again with its size and time",
    change: () => {
      const { atime, mtime } = fs.statSync(file());
      fs.writeFileSync(file(), "y".repeat(1000));
      fs.utimesSync(file(), atime, mtime);
    },
  },
  {
    when: "is replaced by rename",
    change: () => {
      fs.copyFileSync(file(), place("folder/other"));
      fs.renameSync(place("folder/other"), file());
    },
  },
  {
    when: "is replaced by a folder",
    change: () => {
      fs.rmSync(file());
      fs.mkdirSync(file());
    },
  },
  {
    when: "is replaced by a link to the same content",
    change: () => {
      fs.renameSync(file(), place("folder/other"));
      fs.symlinkSync("other", file());
    },
  },
  {
    when: "is replaced by a FIFO",
    change: () => {
      fs.rmSync(file());
      execFileSync("mkfifo", [file()]);
    },
  },
  {
    when: "goes",
    change: () => {
      fs.rmSync(file());
    },
  },
];

test.each(changes)("what was read of a file that $when meanwhile counts for nothing", async ({ change }) => {
  const opened = await SourceFile.open(root, "folder/file", clock);
  try {
    expect(await opened?.read(500)).toHaveLength(500);
    opened?.requireUnchanged();
    change();
    await opened?.read(500);
    expect(() => opened?.requireUnchanged()).toThrow(/changed while it was read/);
  } finally {
    opened?.close();
  }
});

test.each(changes.filter(({ when }) => /folder|link|FIFO|goes/.test(when)))(
  "no file is read where one $when: neither in one piece nor in many",
  async ({ change }) => {
    change();
    const parents = new OpenParents(root);
    expect(readWholeFile(parents, "folder/file", 0, 0)).toBeUndefined();
    parents.forget();
    expect(await SourceFile.open(root, "folder/file", clock)).toBeUndefined();
  },
);
