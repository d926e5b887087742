import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Spool } from "../../../actor/database/spool.js";

let folder: string;
let spool: Spool;
const never = new AbortController().signal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparesync-spool-"));
  spool = new Spool(join(folder, "deep", "frames"));
});
afterEach(async () => {
  await spool.clear();
  await rm(folder, { recursive: true, force: true });
});

async function allOf(frames: AsyncIterable<Buffer>, onFrame: (text: string) => void = () => undefined) {
  const texts: string[] = [];
  for await (const frame of frames) {
    texts.push(frame.toString("latin1"));
    onFrame(texts.at(-1) ?? "");
  }
  return texts;
}

test("who follows gets what is appended later, in order, until the end is said", async () => {
  await spool.append(Buffer.from("one"));
  const seen: string[] = [];
  const following = allOf(spool.follow(never), (text) => seen.push(text));
  await spool.append(Buffer.from("two"));
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(seen).toEqual(["one", "two"]);
  await spool.append(Buffer.from("three"));
  spool.end();
  expect(await following).toEqual(["one", "two", "three"]);
  // Once more, from the beginning.
  expect(await allOf(spool.follow(never))).toEqual(["one", "two", "three"]);
});

test("who follows does not notice that the frames move into a file meanwhile, and the file goes at the end", async () => {
  const following = allOf(spool.follow(never));
  const frames = Array.from({ length: 9 }, (_, at) => Buffer.alloc(1024 * 1024, at + 65));
  for (const frame of frames) await spool.append(frame);
  spool.end();
  expect(await readdir(join(folder, "deep"))).toEqual(["frames"]);
  const texts = await following;
  expect(texts.map((text) => [text.length, text[0], text.at(-1)])).toEqual(
    frames.map((frame, at) => [frame.length, String.fromCharCode(at + 65), String.fromCharCode(at + 65)]),
  );
  await spool.clear();
  expect(await readdir(join(folder, "deep"))).toEqual([]);
});

test("a signal ends the waiting, also before it began, and what was cleared can be filled anew", async () => {
  const stop = new AbortController();
  const following = allOf(spool.follow(stop.signal));
  await spool.append(Buffer.from("one"));
  stop.abort(new Error("no more"));
  await expect(following).rejects.toThrow("no more");
  await expect(allOf(spool.follow(stop.signal))).rejects.toThrow("no more");
  spool.end();
  await spool.clear();
  const anew = allOf(spool.follow(never));
  await spool.append(Buffer.from("two"));
  spool.end();
  expect(await anew).toEqual(["two"]);
});

test("who follows frames that are cleared gets an error, and none of those that come afterwards", async () => {
  await spool.append(Buffer.from("one"));
  const seen: string[] = [];
  const following = allOf(spool.follow(never), (text) => seen.push(text)).catch((error: unknown) => error);
  const begunLater = spool.follow(never);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await spool.clear();
  for (const text of ["two", "three"]) await spool.append(Buffer.from(text));
  spool.end();
  expect(await following).toMatchObject({ message: expect.stringContaining("emptied") as unknown });
  expect(seen).toEqual(["one"]);
  await expect(allOf(begunLater)).rejects.toThrow("emptied");
  expect(await allOf(spool.follow(never))).toEqual(["two", "three"]);
});

test("who follows frames that are cleared does not wait for others to come", async () => {
  const following = allOf(spool.follow(never)).catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await spool.clear();
  expect(await following).toMatchObject({ message: expect.stringContaining("emptied") as unknown });
});

test("who reads what was there gets an error when it is cleared meanwhile", async () => {
  for (const text of ["one", "two"]) await spool.append(Buffer.from(text));
  const frames = spool.frames();
  expect((await frames.next()).value).toEqual(Buffer.from("one"));
  await spool.clear();
  for (const text of ["three", "four"]) await spool.append(Buffer.from(text));
  await expect(frames.next()).rejects.toThrow("emptied");
});

test.each([
  { when: "in a file", before: [5] },
  { when: "about to be in a file", before: [3] },
])("what is being appended when it is cleared, $when, is not among the frames of the next", async ({ before }) => {
  for (const mebibytes of before) await spool.append(Buffer.alloc(mebibytes * 1024 * 1024));
  const appended = spool.append(Buffer.alloc(2 * 1024 * 1024)).catch((error: unknown) => error);
  await spool.clear();
  expect(await appended).toMatchObject({ message: expect.stringContaining("emptied") as unknown });
  expect(spool.count).toBe(0);
  await spool.append(Buffer.from("two"));
  expect(await allOf(spool.frames())).toEqual(["two"]);
  expect(await readdir(join(folder, "deep"))).toEqual([]);
});
