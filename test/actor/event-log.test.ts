import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { appendFile, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createEventLog, type EventLogLimits } from "../../actor/event-log.js";
import type { EventFilter, EventRecord } from "../../shared/core/event-record.js";
import { rememberLog } from "../support/log-memory.js";

let folder: string;
const log = rememberLog();
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "events-"));
  log.lines.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

const open = (limits: EventLogLimits = { fileBytes: 100_000, files: 3 }) => createEventLog(folder, limits, log);
const event = (sequence: number, change: Partial<EventRecord> = {}): EventRecord => ({
  sequence,
  atMs: sequence * 1000,
  server: "primary",
  name: "ActorStarted",
  who: "actor",
  why: "version 1",
  result: "",
  subject: "",
  ...change,
});
const all: EventFilter = { sinceMs: 0, kinds: [], limit: 100 };
const numbers = async (filter = all): Promise<number[]> =>
  (await open().list(filter)).events.map(({ sequence }) => sequence);

describe("the history's files", () => {
  test("hold each event on a line of its own, readable by their owner only, over a restart", async () => {
    expect(await open().list(all)).toEqual({ events: [], unreadableLines: 0 });
    expect(await open().lastSequence()).toBe(0);
    await open().append([event(1), event(2)]);
    await open().append([event(3)]);
    expect((await open().list(all)).events).toEqual([event(3), event(2), event(1)]);
    expect(await open().lastSequence()).toBe(3);
    expect((await stat(path.join(folder, "events.jsonl"))).mode & 0o777).toBe(0o600);
  });

  test("a full one is followed by the next, the oldest leaves", async () => {
    const limits = { fileBytes: JSON.stringify(event(1)).length * 2 + 2, files: 3 };
    for (let sequence = 1; sequence <= 9; sequence += 1) await open(limits).append([event(sequence)]);
    expect((await readdir(folder)).sort()).toEqual(["events.jsonl", "events.jsonl.1", "events.jsonl.2"]);
    expect(await numbers()).toEqual([9, 8, 7, 6, 5]);
  });

  test("a kill between two renames loses nothing", async () => {
    const limits = { fileBytes: 10, files: 3 };
    for (const sequence of [1, 2]) await open(limits).append([event(sequence)]);
    await rename(path.join(folder, "events.jsonl.1"), path.join(folder, "events.jsonl.2"));
    expect(await numbers()).toEqual([2, 1]);
    await rename(path.join(folder, "events.jsonl"), path.join(folder, "events.jsonl.1"));
    expect(await open(limits).lastSequence()).toBe(2);
    await open(limits).append([event(3)]);
    expect(await numbers()).toEqual([3, 2, 1]);
  });

  test("a line that a kill has cut short is passed over, said, and does not spoil the next one", async () => {
    await open().append([event(1)]);
    await appendFile(path.join(folder, "events.jsonl"), JSON.stringify(event(2)).slice(0, 40));
    expect(await open().lastSequence()).toBe(1);
    await open().append([event(2)]);
    expect(log.events).toEqual(["history-line-torn"]);
    const { events, unreadableLines } = await open().list(all);
    expect(events.map(({ sequence }) => sequence)).toEqual([2, 1]);
    expect(unreadableLines).toBe(1);
  });

  test.each<{ when: string; filter: Partial<EventFilter>; expected: number[] }>([
    { when: "since a time", filter: { sinceMs: 2000 }, expected: [4, 3, 2] },
    { when: "by a name", filter: { kinds: ["TurnedOff"] }, expected: [2] },
    { when: "by a kind", filter: { kinds: ["operator"] }, expected: [3, 2] },
    { when: "at most so many", filter: { limit: 2 }, expected: [4, 3] },
  ])("are read $when", async ({ filter, expected }) => {
    const later = event(4, { name: "OfALaterVersion" });
    await open().append([event(1), event(2, { name: "TurnedOff" }), event(3, { name: "MarkedChecked" }), later]);
    expect(await numbers({ ...all, ...filter })).toEqual(expected);
  });
});
