import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { putFile } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";
import { until } from "../../support/until.js";

let pair: FileTreePair;
beforeEach(() => {
  pair = new FileTreePair();
  const begin = pair.secondary.handlers["files/begin"]!;
  pair.toSecondary.handlers = {
    ...pair.secondary.handlers,
    "files/begin": async (message) => {
      const answer = await begin(message);
      const system = answer.fields["system"] as object;
      return { ...answer, fields: { ...answer.fields, system: { ...system, platform: "win32" } } };
    },
  };
  for (const name of ["good", "aux/1", "aux/inner/2", "a:b", "C:\\x", "..\\y"]) putFile(pair.primaryRoot, name, name);
  putFile(pair.primaryRoot, "large.", Buffer.alloc(5_000_000, "large"));
});
afterEach(async () => {
  await pair.end();
});

const namesOf = (root: string): string[] => fs.readdirSync(root).filter((name) => !name.startsWith("."));
const named = (): string[] =>
  (pair.primary.itemErrors?.()[0]?.paths ?? [])
    .filter(({ because }) => because.includes("not representable on Windows"))
    .map(({ path, kind }) => `${kind} ${path}`)
    .sort();
const unrepresentable = ["..\\y", "C:\\x", "a:b", "aux", "large."].map((name) => `skipped ${name}`);

test("what a Windows target cannot name is never sent, named once by its uppermost part, and holds up nothing", async () => {
  await pair.begin();
  await pair.primary.synchronise(never);
  expect(namesOf(pair.secondaryRoot)).toEqual(["good"]);
  expect(named()).toEqual(unrepresentable);
  expect(pair.toSecondary.count("files/blocks")).toBe(0);
  expect(pair.primary.status()[0]).toMatchObject({ health: "warning", pendingChanges: 0 });
  await expect(pair.primary.drain(never)).resolves.toEqual({ changesSent: 0, bytesSent: 0 });
});

test("what is renamed to such a name goes from its old one, and what is renamed from it is sent", async () => {
  await pair.begin(1, true);
  await until(() => namesOf(pair.secondaryRoot).length === 1 && pair.primary.status()[0]?.isComplete === true);
  fs.renameSync(pair.source("good"), pair.source("nul"));
  fs.renameSync(pair.source("aux"), pair.source("auxiliary"));
  await until(() => !fs.existsSync(pair.target("good")) && fs.existsSync(pair.target("auxiliary/inner/2")));
  // By the look at what was noticed alone, in which the target is not asked about it.
  await until(() => named().includes("skipped nul"));
  const lists = pair.toSecondary.asked.filter(({ kind }) => kind === "files/list");
  expect(lists.some(({ message }) => message.body?.includes("auxiliary") === true)).toBe(true);
  expect(lists.some(({ message }) => message.body?.includes('"nul"') === true)).toBe(false);
  await pair.primary.synchronise(never);
  expect(namesOf(pair.secondaryRoot)).toEqual(["auxiliary"]);
  expect(named()).toEqual(["..\\y", "C:\\x", "a:b", "large.", "nul"].map((name) => `skipped ${name}`));
});
