import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import type { WireOperation } from "../../../actor/core/file-operation.js";
import { applyOperation, type ApplyContext, type FolderOperation } from "../../../actor/files/apply-operation.js";
import type { ConfinedFolder } from "../../../actor/files/confined-folder.js";
import { FolderStore } from "../../../actor/files/folder-store.js";
import { OpenParents } from "../../../actor/files/open-parents.js";
import { isNameBlind, openTemporaryFolder } from "../../../actor/files/own-folder.js";
import { Trash } from "../../../actor/files/trash.js";
import { UnsyncedFolders } from "../../../actor/files/unsynced-folders.js";
import { makeTemporaryFolder, putFile, removeTree } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";
import { createSystemClock } from "../../../shared/system-clock.js";

let base: string;
let root: string;
let store: FolderStore;
beforeEach(async () => {
  base = makeTemporaryFolder();
  root = path.join(base, "root");
  putFile(root, "Report", "first");
  putFile(root, "nfc-\u00e9", "first");
  store = await FolderStore.open(path.join(base, "index"));
});
afterEach(() => {
  store.close();
  removeTree(base);
});

/** A folder as a file system shows it that takes names for one whatever their case and form. */
function blind(folder: ConfinedFolder): ConfinedFolder {
  const folded = (name: string): string => name.normalize("NFC").toLowerCase();
  const found = (name: string): string => folder.textNames().find((one) => folded(one) === folded(name)) ?? name;
  return new Proxy(folder, {
    get: (target, key) => {
      if (key === "look") return (name: string) => target.look(found(name));
      if (key === "openChild") return (name: string) => blind(target.openChild(found(name)));
      // The new name of a renaming is taken as it is written.
      if (key === "place") return (name: string) => target.place(name);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

class BlindParents extends OpenParents {
  constructor() {
    super(root, true);
  }

  protected override openRoot(): ConfinedFolder {
    return blind(super.openRoot());
  }
}

function apply(operation: WireOperation, content = ""): void {
  const temporary = openTemporaryFolder(root);
  fs.writeFileSync(temporary.place("staged"), content);
  const parents = new BlindParents();
  const context: ApplyContext = {
    root,
    trash: new Trash(root, { keepDays: 7, largestBytes: 1e9 }, createSystemClock()),
    store,
    temporary,
    parents,
    requireAccepted: () => undefined,
    isNameBlind: true,
    touched: new UnsyncedFolders(root),
  };
  try {
    applyOperation(operation as FolderOperation, { name: "staged" }, context);
  } finally {
    parents.forget();
    temporary.close();
  }
}

const attributes = { mode: 0o644, mtimeNs: 0n } as const;
const put = (name: string): WireOperation => {
  return { do: "put-file", path: name, contentHash: Buffer.alloc(32), crc32: 0, bytes: 0, ...attributes };
};

test.each(["REPORT", "nfc-e\u0301"])(
  "a second name for one is an error that says so, not a file in place of the other: %s",
  (name) => {
    const names = fs.readdirSync(root).sort();
    for (const operation of [
      put(name),
      { do: "put-link", path: name, linkTarget: "x", ...attributes },
      { do: "make-folder", path: name, mode: 0o755 },
      { do: "set-attributes", path: name, kind: "file", mode: 0o777, mtimeNs: 0n },
    ] as WireOperation[]) {
      expect(() => {
        apply(operation, "second");
      }).toThrow(/differs only by case/);
    }
    apply({ do: "remove", path: name, kind: "file" });
    expect(
      fs
        .readdirSync(root)
        .filter((one) => !one.startsWith("."))
        .sort(),
    ).toEqual(names);
    expect(fs.readFileSync(path.join(root, "Report"), "utf8")).toBe("first");
  },
);

test("nothing is done in a folder that answers to a name of the path and has another", () => {
  putFile(root, "Folder/inner/file", "first");
  const before = fs.readdirSync(root, { recursive: true }).sort();
  for (const folder of ["FOLDER/inner", "Folder/INNER"]) {
    for (const operation of [
      put(`${folder}/new`),
      put(`${folder}/file`),
      { do: "put-link", path: `${folder}/new`, linkTarget: "x", ...attributes },
      { do: "make-folder", path: `${folder}/new`, mode: 0o755 },
      { do: "set-attributes", path: `${folder}/file`, kind: "file", mode: 0o777, mtimeNs: 0n },
      { do: "move", from: "Report", path: `${folder}/new`, kind: "file" },
      { do: "move", from: `${folder}/file`, path: "new", kind: "file" },
    ] as WireOperation[]) {
      expect(() => {
        apply(operation, "second");
      }).toThrow(/differs only by case/);
    }
    // It is not there: the one that is there has another name.
    apply({ do: "remove", path: `${folder}/file`, kind: "file" });
  }
  expect(() => {
    apply({ do: "move", from: "REPORT", path: "new", kind: "file" });
  }).toThrow(/differs only by case/);
  const names = (all: readonly (string | Buffer)[]): unknown[] => all.filter((one) => !String(one).startsWith(".spa"));
  expect(names(fs.readdirSync(root, { recursive: true }).sort())).toEqual(names(before));
  expect(fs.readFileSync(path.join(root, "Folder/inner/file"), "utf8")).toBe("first");
  apply(put("Folder/inner/file"), "second");
  expect(fs.readFileSync(path.join(root, "Folder/inner/file"), "utf8")).toBe("second");
});

test("the very name is written over, and a renaming by case alone is done", () => {
  apply(put("Report"), "second");
  expect(fs.readFileSync(path.join(root, "Report"), "utf8")).toBe("second");
  // Where the new name finds the old file.
  fs.linkSync(path.join(root, "Report"), path.join(root, "rEPORT"));
  fs.rmSync(path.join(root, "Report"));
  apply({ do: "move", path: "REPORT", from: "rEPORT", kind: "file" });
  expect(fs.readdirSync(root).filter((one) => /report/i.test(one))).toEqual(["REPORT"]);
});

test("whether a file system tells names apart is found out and leaves nothing behind", () => {
  const isBlind = fs.existsSync(path.join(root, "REPORT"));
  expect(isNameBlind(root)).toBe(isBlind);
  expect(fs.readdirSync(path.join(root, ".sparesync/tmp"))).toEqual([]);
});

test("a name that would be one of our own where case is ignored is not copied, and named", async () => {
  const pair = new FileTreePair();
  await pair.begin();
  putFile(pair.primaryRoot, ".DELETED/x", "x");
  putFile(pair.primaryRoot, "file", "x");
  for (let round = 0; round < 4; round += 1) {
    await pair.primary.synchronise(never);
    expect(fs.existsSync(pair.target(".DELETED"))).toBe(false);
    expect(pair.primary.itemErrors!()[0]!.paths).toMatchObject([{ path: ".DELETED" }]);
  }
  expect(fs.existsSync(pair.target("file"))).toBe(true);
  await pair.end();
});
