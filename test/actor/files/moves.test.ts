import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { listFiles, putFile, treeDifferences } from "../../support/file-tree.js";
import { decodeListPage } from "../../../actor/core/file-wire.js";
import type { ChangeEvents } from "../../../actor/files/change-source.js";
import { renameHalvesMs } from "../../../actor/files/rename-halves.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";
import type { ClockPort } from "../../../shared/core/clock-port.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { until } from "../../support/until.js";

let pair: FileTreePair;
beforeEach(async () => {
  // Long enough for both names of a rename to be in one pass.
  pair = new FileTreePair({ settings: { delaySeconds: 0.3 } });
  for (let n = 0; n < 40; n += 1) putFile(pair.primaryRoot, `folder/deep-${n % 3}/file-${n}`, randomBytes(2000));
  putFile(pair.primaryRoot, "large", randomBytes(5_000_000));
  putFile(pair.primaryRoot, "other/file", "x");
  await pair.begin(1, true);
  await until(() => pair.secondary.status()[0]!.isComplete && isEqual());
});
afterEach(async () => {
  await pair.end();
});

function isEqual(): boolean {
  return treeDifferences(pair.primaryRoot, pair.secondaryRoot).length === 0;
}

async function sentBy(act: () => void): Promise<number> {
  const before = pair.primary.status()[0]!.bytesApplied;
  const { lastFullAnalysisAtMs } = pair.primary.status()[0]!;
  act();
  await until(isEqual, 30_000);
  expect(pair.primary.status()[0]!.lastFullAnalysisAtMs).toBe(lastFullAnalysisAtMs);
  return pair.primary.status()[0]!.bytesApplied - before;
}

describe("no content is sent", () => {
  test.each([
    {
      when: "a folder is renamed",
      act: () => {
        fs.renameSync(pair.source("folder"), pair.source("renamed"));
      },
    },
    {
      when: "a folder is moved into a new one",
      act: () => {
        fs.mkdirSync(pair.source("new/inner"), { recursive: true });
        fs.renameSync(pair.source("folder"), pair.source("new/inner/moved"));
      },
    },
    {
      when: "a file is renamed, a large one as well",
      act: () => {
        fs.renameSync(pair.source("folder/deep-0/file-0"), pair.source("folder/deep-1/other-name"));
        fs.renameSync(pair.source("large"), pair.source("other/large"));
      },
    },
    {
      when: "only the case of a name changes",
      act: () => {
        fs.renameSync(pair.source("folder"), pair.source("Folder"));
      },
    },
    {
      when: "files move on in a chain, as of logs, and a new one has the first name",
      act: () => {
        fs.renameSync(pair.source("folder/deep-1/file-1"), pair.source("folder/deep-1/log.3"));
        fs.renameSync(pair.source("folder/deep-1/file-4"), pair.source("folder/deep-1/file-1"));
        fs.renameSync(pair.source("large"), pair.source("folder/deep-1/file-4"));
        fs.writeFileSync(pair.source("large"), "");
      },
    },
    {
      when: "a folder makes way for another one, and that one for a third",
      act: () => {
        fs.renameSync(pair.source("folder/deep-0"), pair.source("folder/deep-0.old"));
        fs.renameSync(pair.source("folder/deep-1"), pair.source("folder/deep-0"));
        fs.renameSync(pair.source("folder/deep-2"), pair.source("folder/deep-1"));
      },
    },
    {
      when: "files leave a folder that is removed",
      act: () => {
        for (const name of fs.readdirSync(pair.source("folder/deep-2"))) {
          fs.renameSync(pair.source(`folder/deep-2/${name}`), pair.source(`other/${name}`));
        }
        fs.rmdirSync(pair.source("folder/deep-2"));
      },
    },
  ])("when $when", async ({ act }) => {
    expect(await sentBy(act)).toBe(0);
    expect(listFiles(pair.target(".deleted"))).toEqual([]);
    // What is known of the contents went along: neither a doubt nor content follows.
    expect((await pair.primary.synchronise(never)).bytesSent).toBe(0);
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
  });
});

test.each([
  {
    when: "a folder and a large file",
    act: () => {
      fs.renameSync(pair.source("folder"), pair.source("renamed"));
      fs.renameSync(pair.source("large"), pair.source("other/large"));
    },
  },
  {
    when: "a folder into new ones",
    act: () => {
      fs.mkdirSync(pair.source("new/inner"), { recursive: true });
      fs.renameSync(pair.source("folder"), pair.source("new/inner/moved"));
    },
  },
  {
    when: "files out of a folder that is removed",
    act: () => {
      for (const name of fs.readdirSync(pair.source("folder/deep-2"))) {
        fs.renameSync(pair.source(`folder/deep-2/${name}`), pair.source(`other/${name}`));
      }
      fs.rmdirSync(pair.source("folder/deep-2"));
    },
  },
])("what is renamed while nobody watches is found by the full analysis: $when", async ({ act }) => {
  await pair.primary.setRole({ role: "source", epoch: 1, continuous: false });
  act();
  expect((await pair.primary.synchronise(never)).bytesSent).toBe(0);
  expect(isEqual()).toBe(true);
  expect(listFiles(pair.target(".deleted"))).toEqual([]);
  expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
});

test("of what was renamed and changed while nobody watched, only what changed is sent", async () => {
  await pair.primary.setRole({ role: "source", epoch: 1, continuous: false });
  fs.renameSync(pair.source("folder"), pair.source("renamed"));
  const [touched, other] = [pair.source("renamed/deep-0/file-0"), pair.source("renamed/deep-0/file-3")];
  const { atime, mtime } = fs.statSync(touched);
  fs.writeFileSync(touched, randomBytes(2000));
  // Neither size nor time says that it was changed.
  fs.utimesSync(touched, atime, mtime);
  fs.renameSync(other, pair.source("other/3"));
  putFile(pair.primaryRoot, "folder/again", "another folder under the old name");
  putFile(pair.secondaryRoot, "folder/deep-1/of-the-target", "x");
  expect((await pair.primary.synchronise(never)).bytesSent).toBe(2000 + 2000 + 33);
  expect(isEqual()).toBe(true);
});

test("what was changed in a renamed folder is sent, and only that", async () => {
  const sent = await sentBy(() => {
    fs.renameSync(pair.source("folder"), pair.source("renamed"));
    fs.writeFileSync(pair.source("renamed/deep-0/file-0"), "changed");
    fs.rmSync(pair.source("renamed/deep-1/file-1"));
    putFile(pair.primaryRoot, "folder/again", "another folder under the old name");
  });
  expect(sent).toBeLessThan(100);
  expect(listFiles(pair.target(".deleted"))).toHaveLength(2);
});

/** Nothing is so new that its times could hide a change. */
function clockAhead(): ClockPort {
  const clock = createSystemClock();
  return { ...clock, wallMs: () => clock.wallMs() + 10_000 };
}

/** Equal, and the pass that made it so is over: each ends with this message. */
function isAtRest(): boolean {
  return pair.toSecondary.asked.at(-1)?.kind === "files/settled" && isEqual();
}

/** What the target is asked to list from now on. */
function notePathsListed(): string[] {
  const listed: string[] = [];
  const { handlers } = pair.toSecondary;
  pair.toSecondary.handlers = {
    ...handlers,
    "files/list": async (message) => {
      const answer = await handlers["files/list"]!(message);
      listed.push(...decodeListPage(answer.body).entries.map(({ path }) => path));
      return answer;
    },
  };
  return listed;
}

test("a renamed folder is renamed on the target without a list of what is in it, however often and however new it is", async () => {
  await pair.end();
  pair = new FileTreePair({ clock: clockAhead() });
  putFile(pair.primaryRoot, "folder/inner/file", "content");
  await pair.begin(1, true);
  await until(() => pair.secondary.status()[0]!.isComplete && isEqual());
  putFile(pair.primaryRoot, "new/inner/file", "new content");
  await until(isAtRest);
  const listed = notePathsListed();
  for (const [from, to] of [
    ["folder", "renamed"],
    ["renamed", "again"],
    ["again", "folder"],
    ["new", "made-while-watched"],
  ] as const) {
    fs.renameSync(pair.source(from), pair.source(to));
    await until(isAtRest);
  }
  expect(listed.length).toBeGreaterThan(0);
  expect(listed.filter((path) => path.endsWith("file"))).toEqual([]);
  expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
});

test("a folder that makes way for another one, as in a deployment, is renamed without a list of what is in either", async () => {
  await pair.end();
  pair = new FileTreePair({ clock: clockAhead(), settings: { delaySeconds: 0.3 } });
  putFile(pair.primaryRoot, "current/inner/file", "old");
  putFile(pair.primaryRoot, "next/inner/file", "new content");
  await pair.begin(1, true);
  await until(() => pair.secondary.status()[0]!.isComplete && isEqual());
  await until(() => pair.primary.status()[0]!.pendingChanges === 0);
  const before = pair.primary.status()[0]!.bytesApplied;
  const listed = notePathsListed();
  fs.renameSync(pair.source("current"), pair.source("former"));
  fs.renameSync(pair.source("next"), pair.source("current"));
  await until(isAtRest);
  expect(listed.filter((path) => path.endsWith("file"))).toEqual([]);
  expect(pair.primary.status()[0]!.bytesApplied).toBe(before);
  expect(listFiles(pair.target(".deleted"))).toEqual([]);
  expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
});

/** Time stands still between stop and goOn; who sleeps is noted from stop on. */
function stoppableClock() {
  const clock = clockAhead();
  let stoppedAtMs: number | undefined;
  const sleeps: number[] = [];
  const stoppable: ClockPort = {
    ...clock,
    monotonicMs: () => stoppedAtMs ?? clock.monotonicMs(),
    sleep: (ms, signal) => {
      sleeps.push(ms);
      return clock.sleep(ms, signal);
    },
  };
  return {
    clock: stoppable,
    sleeps,
    stop: () => {
      stoppedAtMs = clock.monotonicMs();
      sleeps.length = 0;
    },
    goOn: () => {
      stoppedAtMs = undefined;
    },
  };
}

/** A pair whose source hears of changes only from the test. */
async function beginDeaf(clock = clockAhead()): Promise<ChangeEvents> {
  await pair.end();
  const heard: ChangeEvents[] = [];
  pair = new FileTreePair({
    clock,
    openChangeSource: (_root, _ignored, events) => {
      heard.push(events);
      return { ready: Promise.resolve(), close: () => Promise.resolve() };
    },
  });
  putFile(pair.primaryRoot, "folder/inner/file", "content");
  putFile(pair.primaryRoot, "folder/neighbour", "content");
  putFile(pair.primaryRoot, "folder/quiet/file", "content");
  await pair.begin(1, true);
  await until(() => pair.secondary.status()[0]!.isComplete && isEqual());
  return heard[0]!;
}

test("a folder whose time went ahead of what was moved in it has that time in the end", async () => {
  const events = await beginDeaf();
  fs.renameSync(pair.source("folder/inner/file"), pair.source("folder/moved"));
  const timeOf = (place: string): number => Math.floor(fs.statSync(place).mtimeMs);
  events.onDirty("folder/neighbour");
  await until(() => timeOf(pair.source("folder")) === timeOf(pair.target("folder")));
  await until(() => pair.primary.status()[0]!.pendingChanges === 0);
  events.onDirty("folder/inner/file");
  events.onDirty("folder/moved");
  await until(isEqual);
});

/** The clock of the file system has gone on, by more than one of its steps. */
async function laterTime(): Promise<void> {
  await createSystemClock().sleep(20);
}

test("what was touched in a renamed folder is found by its index, though nobody was told of it", async () => {
  const events = await beginDeaf();
  fs.chmodSync(pair.source("folder/quiet"), 0o711);
  events.onDirty("folder/quiet");
  await until(isEqual);
  putFile(pair.primaryRoot, "folder/inner/file", "changed");
  putFile(pair.primaryRoot, "folder/inner/new", "new");
  fs.rmSync(pair.source("folder/neighbour"));
  fs.renameSync(pair.source("folder"), pair.source("renamed"));
  fs.chmodSync(pair.source("renamed/inner"), 0o750);
  // As it was when the index was made, which is not what the target has.
  fs.chmodSync(pair.source("renamed/quiet"), 0o755);
  await laterTime();
  fs.chmodSync(pair.source("renamed"), 0o700);
  events.onDirty("folder");
  events.onDirty("renamed");
  await until(isEqual);
  expect(listFiles(pair.target(".deleted")).sort()).toEqual(["renamed/inner/file", "renamed/neighbour"]);
});

test.each([
  { what: "a file", from: "folder/inner/file", to: "folder/moved" },
  { what: "a folder", from: "folder", to: "renamed" },
])("the two names of a rename of $what are noticed apart: no content is sent all the same", async ({ from, to }) => {
  const { clock, sleeps, stop } = stoppableClock();
  const events = await beginDeaf(clock);
  await until(() => pair.primary.status()[0]!.pendingChanges === 0);
  const before = pair.primary.status()[0]!.bytesApplied;
  fs.renameSync(pair.source(from), pair.source(to));
  const listed = pair.toSecondary.count("files/list");
  stop();
  events.onDirty(from);
  await until(() => sleeps.includes(renameHalvesMs) || pair.toSecondary.count("files/list") > listed);
  expect(pair.toSecondary.count("files/list")).toBe(listed);
  events.onDirty(to);
  // Without a moment's delay when both are known: the time of the wait never comes.
  await until(isEqual);
  expect(pair.primary.status()[0]!.bytesApplied).toBe(before);
  expect(listFiles(pair.target(".deleted"))).toEqual([]);
});

test("what is gone for good is removed a moment later, and what is written meanwhile does not wait for that", async () => {
  const { clock, sleeps, stop, goOn } = stoppableClock();
  const events = await beginDeaf(clock);
  await until(() => pair.primary.status()[0]!.pendingChanges === 0);
  fs.rmSync(pair.source("folder/inner/file"));
  stop();
  events.onDirty("folder/inner/file");
  await until(() => sleeps.includes(renameHalvesMs) || !fs.existsSync(pair.target("folder/inner/file")));
  putFile(pair.primaryRoot, "folder/neighbour", "written meanwhile");
  events.onDirty("folder/neighbour");
  await until(() => fs.readFileSync(pair.target("folder/neighbour"), "utf8") === "written meanwhile");
  expect(fs.existsSync(pair.target("folder/inner/file"))).toBe(true);
  goOn();
  await until(isEqual);
});

test("a move that the target cannot make is made good by what is found at both ends", async () => {
  const events = await beginDeaf();
  fs.renameSync(pair.source("folder/inner/file"), pair.source("folder/moved"));
  let listed = 0;
  pair.toSecondary.faultOf = (kind) => {
    // Between the listing and the move somebody puts something in the way.
    if (kind === "files/apply" && (listed += 1) === 1) putFile(pair.secondaryRoot, "folder/moved", "in the way");
    return "none";
  };
  events.onDirty("folder/inner/file");
  events.onDirty("folder/moved");
  await until(isEqual);
  expect(listed).toBeGreaterThan(1);
});
