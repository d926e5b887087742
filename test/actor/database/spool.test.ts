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
