import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashFiles } from "../../demo/read-holdings.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sparesync-hash-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("files of every depth and links count, what SpareSync keeps for itself does not", async () => {
  for (const name of ["deep/er", ".deleted/deep", ".sparesync/tmp", ".hidden"]) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "file.txt"), "abc");
  }
  symlinkSync("deep/er/file.txt", join(folder, "link"));
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(Object.fromEntries(await hashFiles(folder))).toEqual({
    "deep/er/file.txt": abc,
    ".hidden/file.txt": abc,
    link: "link to deep/er/file.txt",
  });
});
