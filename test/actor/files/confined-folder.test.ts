import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { ConfinedFolder } from "../../../actor/files/confined-folder.js";
import { systemCalls } from "../../../actor/files/system-calls.js";
import { makeTemporaryFolder, putFile, removeTree } from "../../support/file-tree.js";

let root: string;
let from: ConfinedFolder;
let to: ConfinedFolder;
beforeEach(() => {
  root = makeTemporaryFolder();
  putFile(root, "from/ä 文", "new");
  fs.mkdirSync(path.join(root, "to"));
  from = ConfinedFolder.openRoot(path.join(root, "from"));
  to = ConfinedFolder.openRoot(path.join(root, "to"));
});
afterEach(() => {
  from.close();
  to.close();
  removeTree(root);
});

const testWithCalls = systemCalls === undefined ? test.skip : test;

testWithCalls("a file is taken into another folder where nothing stands, in the folder that was opened", () => {
  fs.renameSync(path.join(root, "to"), path.join(root, "moved"));
  fs.mkdirSync(path.join(root, "to"));
  expect(to.takeNew(from, "ä 文", "file")).toBe(true);
  expect(fs.readFileSync(path.join(root, "moved/file"), "utf8")).toBe("new");
  expect(fs.readdirSync(path.join(root, "from"))).toEqual([]);
  expect(fs.readdirSync(path.join(root, "to"))).toEqual([]);
});

test.each([
  {
    when: "a file",
    make: (place: string) => {
      fs.writeFileSync(place, "old");
    },
  },
  {
    when: "an empty folder",
    make: (place: string) => {
      fs.mkdirSync(place);
    },
  },
  {
    when: "a link to nowhere",
    make: (place: string) => {
      fs.symlinkSync("nowhere", place);
    },
  },
])("where $when stands already nothing is taken and nothing is lost", ({ make }) => {
  const place = path.join(root, "to/file");
  make(place);
  const before = fs.lstatSync(place, { bigint: true });
  expect(to.takeNew(from, "ä 文", "file")).toBe(false);
  expect(fs.lstatSync(place, { bigint: true })).toEqual(before);
  expect(fs.readFileSync(path.join(root, "from/ä 文"), "utf8")).toBe("new");
});

test("a file is opened in the folder that was opened, close-on-exec, and no link is followed that the flags forbid", () => {
  fs.renameSync(path.join(root, "from"), path.join(root, "moved"));
  putFile(root, "from/ä 文", "other");
  fs.symlinkSync("ä 文", path.join(root, "moved/link"));
  const descriptor = from.openFile("ä 文", fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  try {
    expect(fs.readFileSync(descriptor, "utf8")).toBe("new");
    if (process.platform === "linux") {
      const flags = /^flags:\s+(\d+)$/m.exec(fs.readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8"))?.[1];
      expect(Number.parseInt(flags ?? "0", 8) & 0o2000000).toBe(0o2000000);
    }
  } finally {
    fs.closeSync(descriptor);
  }
  expect(() => from.openFile("link", fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)).toThrow(/ELOOP/);
  expect(() => from.openFile("nothing", fs.constants.O_RDONLY)).toThrow(/ENOENT: no such file or directory/);
});

test("a look that is exact says what Node's own look says", () => {
  const exact = from.exact("ä 文");
  const { size, mode, uid, gid, ino, mtimeNs, ctimeNs } = fs.lstatSync(path.join(root, "from/ä 文"), { bigint: true });
  const { ino: itsIno, mtimeNs: itsMtimeNs, ctimeNs: itsCtimeNs } = exact ?? {};
  expect({ itsIno, itsMtimeNs, itsCtimeNs }).toEqual({ itsIno: ino, itsMtimeNs: mtimeNs, itsCtimeNs: ctimeNs });
  expect([exact?.size, exact?.mode, exact?.uid, exact?.gid].map(Number)).toEqual([size, mode, uid, gid].map(Number));
  expect(from.exact("nothing")).toBeUndefined();
});
