import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import { ReverseHold } from "../../../actor/files/reverse-hold.js";
import { putFile } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";

let pair: FileTreePair;
beforeEach(async () => {
  pair = new FileTreePair();
  for (const folder of ["D", "F"]) {
    for (let n = 0; n < 5; n += 1) putFile(pair.primaryRoot, `${folder}/${n}`, `${folder}${n}`);
  }
  await pair.begin();
  // Twice: from the second one on the spare knows its own files again.
  for (let n = 0; n < 2; n += 1) await pair.primary.synchronise(never);
  await pair.primary.setRole({ role: "idle", epoch: 1 });
  putFile(pair.primaryRoot, "D/new", "only there");
  fs.writeFileSync(pair.source("D/3"), "other there");
  fs.writeFileSync(pair.source("F/3"), "other there, too");
  await pair.secondary.raiseEpoch(2, never);
  await pair.secondary.promote(2, never);
  await pair.secondary.setRole({ role: "source", epoch: 2, continuous: false });
  fs.renameSync(pair.target("D"), pair.target("E"));
  fs.renameSync(pair.target("F/3"), pair.target("F/three"));
  await pair.primary.setRole({ role: "target", epoch: 2 });
});
afterEach(async () => {
  await pair.end();
});

async function expectNamesOfBefore(): Promise<void> {
  const { files } = await pair.primary.listKeptAside("uploads", {});
  expect(files.map((one) => `${one.path}: ${one.reason}`).sort()).toEqual([
    "D/3: overwritten",
    "D/new: deleted",
    "F/3: overwritten",
  ]);
  const kept = files.find(({ path }) => path === "D/new")?.keptAs ?? "";
  expect(fs.readFileSync(pair.source(`.deleted/${kept}`), "utf8")).toBe("only there");
  expect(fs.readdirSync(pair.source("E")).sort()).toEqual(["0", "1", "2", "3", "4"]);
}

test("what a returning server alone had is named as it was there", async () => {
  await pair.secondary.synchronise(never);
  await expectNamesOfBefore();
  const [report] = (await pair.primary.listReplaced?.(10)) ?? [];
  expect(report?.examples.map((one) => ("path" in one ? one.path : "")).sort()).toEqual(["D/3", "D/new", "F/3"]);
  await pair.primary.releaseReplaced?.();
  // What is renamed from now on has nothing to do with it.
  fs.renameSync(pair.target("E"), pair.target("G"));
  await pair.secondary.synchronise(never);
  fs.rmSync(pair.target("G/0"));
  await pair.secondary.synchronise(never);
  expect(fs.readFileSync(pair.source(".sparesync/deleted.jsonl"), "utf8")).not.toContain("E/0");
});

test("and so when it was restarted after the renames", async () => {
  let applied = 0;
  pair.toPrimary.faultOf = (kind) => {
    if (kind === "files/apply") applied += 1;
    return kind === "files/apply" && applied > 1 ? "lost" : "none";
  };
  await expect(pair.secondary.synchronise(never)).rejects.toThrow();
  expect(fs.existsSync(pair.source("E"))).toBe(true);
  await pair.restart("primary");
  pair.toPrimary.faultOf = () => "none";
  await pair.primary.setRole({ role: "target", epoch: 2 });
  await pair.secondary.synchronise(never);
  await expectNamesOfBefore();
  // With nothing left to be held there is nothing to be named.
  const known = fs.readFileSync(path.join(pair.base, "primary/state/files-reverse-hold.json"), "utf8");
  expect(known).not.toContain("movedFrom");
});

test("a name is followed back through renames of itself and of what is around it", async () => {
  const hold = new ReverseHold(pair.base);
  await hold.takeRole({ role: "target", epoch: 2 }, { hadRole: true, isWhole: () => false, folders: ["f"] });
  const moves = [
    ["a", "b"],
    ["b/inner", "c"],
    ["b", "d"],
    // These two take each other's names.
    ["x", "t"],
    ["y", "x"],
    ["t", "y"],
  ] as const;
  for (const [from, to] of moves) hold.noteMoved("f", from, to);
  const before = (place: string): string => hold.nameBefore("f", place);
  expect(["d", "d/1", "c/1", "x/1", "y/1", "other"].map(before)).toEqual([
    "a",
    "a/1",
    "a/inner/1",
    "y/1",
    "x/1",
    "other",
  ]);
  expect(hold.nameBefore("g", "d")).toBe("d");
});
