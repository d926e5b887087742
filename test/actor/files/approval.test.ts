import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { putFile } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";

let pair: FileTreePair;
beforeEach(async () => {
  pair = new FileTreePair();
  await pair.begin();
  for (const folder of ["a", "b"]) for (let n = 0; n < 500; n += 1) putFile(pair.primaryRoot, `${folder}/${n}`, `${n}`);
  putFile(pair.primaryRoot, "kept", "k");
  await pair.primary.synchronise(never);
});
afterEach(async () => {
  await pair.end();
});

const question = () => pair.primary.itemErrors?.()[0]?.question;

function remove(folder: string, count: number): void {
  for (let n = 0; n < count; n += 1) fs.rmSync(pair.source(`${folder}/${n}`));
}

async function expectVeto(): Promise<void> {
  await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "FILE_VETO" });
}

test("an approval is of the files that were named: as many others are a new question", async () => {
  fs.rmSync(pair.source("a"), { recursive: true });
  remove("b", 100);
  await expect(pair.primary.synchronise(never)).rejects.toThrow(/600 of 1001 .*; among them "[ab]\/\d+", "[ab]\/\d+"/);
  const asked = question();
  expect(asked).toMatchObject({
    files: 600,
    folders: [
      { folder: "a", files: 500 },
      { folder: "b", files: 100 },
    ],
  });
  expect(asked?.examples.every((one) => /^[ab]\/\d+$/.test(one))).toBe(true);
  expect(await pair.primary.approve?.("uploads", asked?.shown)).toBe(true);
  expect(question()).toBeUndefined();
  // The folder is back, and another one is gone: no more of them than were approved.
  for (let n = 0; n < 500; n += 1) putFile(pair.primaryRoot, `a/${n}`, `${n}`);
  fs.rmSync(pair.source("b"), { recursive: true });
  remove("a", 50);
  await expectVeto();
  expect(fs.existsSync(pair.target("b/499"))).toBe(true);
  expect(question()?.files).toBe(550);
  await expect(pair.primary.approve?.("uploads", asked?.shown)).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
  await expectVeto();
  expect(await pair.primary.approve?.("uploads", question()?.shown)).toBe(true);
  await pair.primary.synchronise(never);
  expect(fs.existsSync(pair.target("b"))).toBe(false);
  expect(question()).toBeUndefined();
});

test("an approval holds when some of the files are back, and when the connection is lost in the midst of the removals", async () => {
  fs.rmSync(pair.source("a"), { recursive: true });
  remove("b", 400);
  await expectVeto();
  expect(await pair.primary.approve?.("uploads", question()?.shown)).toBe(true);
  for (let n = 0; n < 100; n += 1) putFile(pair.primaryRoot, `b/${n}`, `${n}`);
  let applied = 0;
  pair.toSecondary.faultOf = (kind) => {
    if (kind === "files/apply") applied += 1;
    return kind === "files/apply" && applied > 1 ? "lost" : "none";
  };
  await expect(pair.primary.synchronise(never)).rejects.toThrow();
  expect(applied).toBeGreaterThan(1);
  pair.toSecondary.faultOf = () => "none";
  await pair.primary.synchronise(never);
  expect(fs.existsSync(pair.target("a"))).toBe(false);
  expect(fs.readdirSync(pair.target("b"))).toHaveLength(200);
});

test("an approval holds where some other files have come and gone meanwhile, no more of them than may go without a question", async () => {
  fs.rmSync(pair.source("a"), { recursive: true });
  remove("b", 100);
  await expectVeto();
  expect(await pair.primary.approve?.("uploads", question()?.shown)).toBe(true);
  for (let n = 0; n < 90; n += 1) {
    putFile(pair.primaryRoot, `new${n}`, "n");
    fs.rmSync(pair.source(`b/${400 + n}`));
  }
  await pair.primary.synchronise(never);
  expect(fs.readdirSync(pair.target("b"))).toHaveLength(310);
});

test("an approval of an empty folder names what the target holds", async () => {
  for (const name of ["a", "b", "kept"]) fs.rmSync(pair.source(name), { recursive: true });
  await expect(pair.primary.synchronise(never)).rejects.toThrow(/the source folder is empty .* among them/);
  expect(question()).toMatchObject({
    files: 1001,
    folders: [{ folder: "a" }, { folder: "b" }, { folder: "", files: 1 }],
  });
  expect(await pair.primary.approve?.("uploads", question()?.shown)).toBe(true);
  await pair.primary.synchronise(never);
  expect(fs.existsSync(pair.target("kept"))).toBe(false);
});
