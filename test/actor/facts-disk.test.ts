import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createFactsDisk } from "../../actor/facts-disk.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "facts-disk-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

test("what was written is read; before that there is nothing", async () => {
  const disk = createFactsDisk(directory);
  expect(await disk.read()).toBeUndefined();
  await disk.write({ epoch: 1 });
  await disk.write({ epoch: 2 });
  expect(await disk.read()).toEqual({ epoch: 2 });
});

test("a file that is not JSON, or cannot be read, is named, with what to do", async () => {
  await writeFile(path.join(directory, "facts.json"), '{"epoch":');
  await expect(createFactsDisk(directory).read()).rejects.toMatchObject({
    code: "STATE_UNREADABLE",
    message: expect.stringMatching(/facts\.json is not JSON/),
    hint: expect.stringContaining("deleting it makes this server forget"),
  });
  await rm(path.join(directory, "facts.json"));
  await mkdir(path.join(directory, "facts.json"));
  await expect(createFactsDisk(directory).read()).rejects.toMatchObject({
    code: "STATE_UNREADABLE",
    message: expect.stringMatching(/facts\.json cannot be read: EISDIR/),
  });
});

test("a disk that cannot be written is no fault of SpareSync, and says what to do", async () => {
  await rm(directory, { recursive: true });
  await expect(createFactsDisk(directory).write({})).rejects.toMatchObject({
    code: "STATE_UNWRITABLE",
    message: expect.stringMatching(/facts\.json cannot be written \(ENOENT\)/),
    hint: expect.stringContaining("Make room"),
  });
});
