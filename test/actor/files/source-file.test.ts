import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import path from "node:path";
import type { EntryState } from "../../../actor/core/folder-record.js";
import { readExtended } from "../../../actor/files/extended-attributes.js";
import { toState } from "../../../actor/files/folder-look.js";
import { OpenParents } from "../../../actor/files/open-parents.js";
import { readSmallFile, SourceFile, type SmallFile } from "../../../actor/files/source-file.js";
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

/** Reads the file in one piece; `meanwhile` is called when it is open and looked at, and not read yet. */
function readSmall(meanwhile: () => void, seen?: EntryState): SmallFile {
  const parents = new OpenParents(root);
  try {
    return readSmallFile("folder/file", seen, {
      parents,
      nowWallMs: 0,
      settleMs: 0,
      place: (bytes) => {
        meanwhile();
        return Buffer.alloc(bytes);
      },
    });
  } finally {
    parents.forget();
  }
}

function look(): EntryState {
  return toState("file", fs.lstatSync(file(), { bigint: true }), "", readExtended(file()));
}

test("a file that was not touched since it was seen is told by what was seen, any other by its own state", () => {
  const seen = look();
  const nothing = (): void => undefined;
  const content = Buffer.from("x".repeat(1000));
  const read = readSmall(nothing, seen);
  expect(read).toEqual({ kind: "read", state: seen, content });
  expect(read.kind === "read" && read.state === seen).toBe(true);
  fs.chmodSync(file(), 0o600);
  expect(readSmall(nothing, seen)).toEqual({ kind: "read", state: look(), content });
  expect(readSmall(nothing)).toEqual({ kind: "read", state: look(), content });
});

test("a file for which there is no room is not read", () => {
  const parents = new OpenParents(root);
  const reading = { parents, nowWallMs: 0, settleMs: 0, place: () => undefined };
  expect(readSmallFile("folder/file", undefined, reading)).toEqual({ kind: "no-room", bytes: 1000 });
  parents.forget();
});

test.each(changes)("a file that $when while it is read in one piece counts for nothing", ({ change }) => {
  expect(() => readSmall(change)).toThrow(/changed while it was read/);
});

test.each(changes)("nor one that was seen before and $when while it is read", ({ change }) => {
  const seen = look();
  expect(() => readSmall(change, seen)).toThrow(/changed while it was read/);
});

test.each(changes)("what was read of a file that $when meanwhile counts for nothing", async ({ change }) => {
  const opened = await SourceFile.open(root, "folder/file", clock);
  try {
    expect(await opened?.readInto(Buffer.alloc(500), 0)).toHaveLength(500);
    opened?.requireUnchanged();
    change();
    await opened?.readInto(Buffer.alloc(500), 500);
    expect(() => opened?.requireUnchanged()).toThrow(/changed while it was read/);
  } finally {
    opened?.close();
  }
});

test.each(changes.filter(({ when }) => /folder|link|FIFO|goes/.test(when)))(
  "no file is read where one $when: neither in one piece nor in many",
  async ({ change }) => {
    change();
    expect(readSmall(() => undefined)).toEqual({ kind: "gone" });
    expect(await SourceFile.open(root, "folder/file", clock)).toBeUndefined();
  },
);
