import { afterEach, describe, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { dirtyLimit } from "../../../actor/files/dirty-set.js";
import type { ChangeEvents } from "../../../actor/files/change-source.js";
import { putFile, treeDifferences } from "../../support/file-tree.js";
import { FileTreePair, never, type PairOptions } from "../../support/file-tree-pair.js";
import { mountMemory } from "../../support/mount-memory.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { until } from "../../support/until.js";

let pair: FileTreePair;
afterEach(async () => {
  await pair.end();
});

async function begin(options: PairOptions = {}, isContinuous = true): Promise<void> {
  pair = new FileTreePair(options);
  putFile(pair.primaryRoot, "first", "first");
  await pair.begin(1, isContinuous);
}

function isEqual(): boolean {
  return treeDifferences(pair.primaryRoot, pair.secondaryRoot).length === 0;
}

/** A change source that says nothing by itself. */
function deafSource(): { events: ChangeEvents[]; open: Required<PairOptions>["openChangeSource"] } {
  const events: ChangeEvents[] = [];
  return {
    events,
    open: (_root, _ignored, to) => {
      events.push(to);
      return { ready: Promise.resolve(), close: () => Promise.resolve() };
    },
  };
}

describe("a continuous source", () => {
  test("brings over what is there and then each change, without a further analysis", async () => {
    await begin();
    await until(() => pair.secondary.status()[0]!.isComplete && isEqual());
    const { lastFullAnalysisAtMs, differencesFound = 0 } = pair.primary.status()[0]!;
    expect(differencesFound).toBeGreaterThan(0);
    putFile(pair.primaryRoot, "deep/er/new", "new");
    await until(isEqual);
    fs.writeFileSync(pair.source("first"), "changed");
    await until(isEqual);
    fs.renameSync(pair.source("deep"), pair.source("moved"));
    await until(isEqual);
    fs.rmSync(pair.source("moved"), { recursive: true });
    await until(isEqual);
    expect(fs.readFileSync(pair.target(".deleted/first"), "utf8")).toBe("first");
    // Changes that were noticed are no differences that an analysis has found.
    expect(pair.primary.status()[0]).toMatchObject({ lastFullAnalysisAtMs, differencesFound });
    await until(() => pair.primary.status()[0]!.pendingChanges === 0);
    expect(pair.primary.status()[0]).toMatchObject({ health: "ok", oldestPendingAtMs: 0, progressRatio: 1 });
  });

  test("loses nothing while the other side is away", async () => {
    await begin();
    await until(() => pair.secondary.status()[0]!.isComplete);
    pair.toSecondary.faultOf = () => "lost";
    putFile(pair.primaryRoot, "while-away", "x");
    await until(() => pair.primary.status()[0]!.health === "warning");
    expect(pair.primary.status()[0]!.oldestPendingAtMs).toBeGreaterThan(0);
    pair.toSecondary.faultOf = () => "none";
    await until(isEqual);
    await until(() => pair.primary.status()[0]!.health === "ok");
  });

  test("never says that it is complete beyond the oldest change under way", async () => {
    await begin();
    await until(() => pair.secondary.status()[0]!.isComplete);
    pair.toSecondary.faultOf = (kind) => (kind === "files/apply" ? "lost" : "none");
    const changedAtMs = Date.now();
    putFile(pair.primaryRoot, "stuck", "x");
    await until(() => pair.toSecondary.count("files/apply") > 2);
    expect(pair.primary.status()[0]!.completeUpToMs).toBeLessThan(changedAtMs);
    expect(pair.secondary.status()[0]!.completeUpToMs).toBeLessThan(changedAtMs);
  });

  test("opens a new watcher and analyses in full when the old one is uncertain", async () => {
    const source = deafSource();
    const clockless: PairOptions = { openChangeSource: source.open };
    await begin(clockless);
    await until(() => pair.secondary.status()[0]!.isComplete);
    putFile(pair.primaryRoot, "unnoticed", "x");
    source.events[0]!.onUncertain("a test");
    await until(isEqual);
    expect(source.events).toHaveLength(2);
    expect(pair.primary.status()[0]!.watch).toEqual({ isLimited: false, losses: 1 });
    source.events[1]!.onLimited("a test");
    expect(pair.primary.status()[0]).toMatchObject({ health: "warning", watch: { isLimited: true, losses: 1 } });
  });

  test("finds by the periodic analysis what no event told", async () => {
    const source = deafSource();
    await begin({ openChangeSource: source.open, settings: { fullAnalysisSeconds: 1 } });
    await until(() => pair.secondary.status()[0]!.isComplete);
    putFile(pair.primaryRoot, "unnoticed", "x");
    fs.writeFileSync(pair.target("first"), "tampered");
    await until(isEqual);
    expect(source.events).toHaveLength(1);
  });

  test("follows up a burst that it could not remember soon, however long it took to send the last one", async () => {
    const source = deafSource();
    const clock = createSystemClock();
    let aheadMs = 0;
    const ahead = { ...clock, monotonicMs: () => clock.monotonicMs() + aheadMs };
    pair = new FileTreePair({ openChangeSource: source.open, clock: ahead });
    putFile(pair.primaryRoot, "first", "first");
    // As if there were much to send.
    pair.toSecondary.faultOf = (kind) => {
      if (kind === "files/apply") aheadMs += 60_000;
      return "none";
    };
    await pair.begin(1, true);
    await until(() => pair.secondary.status()[0]!.isComplete && isEqual());
    pair.toSecondary.faultOf = () => "none";
    putFile(pair.primaryRoot, "forgotten", "nobody told of it");
    for (let n = 0; n <= dirtyLimit; n += 1) source.events[0]?.onDirty(`other-${n}`);
    await until(isEqual);
  });

  test.each([
    { files: 200, where: "in one pass" },
    { files: 600, where: "in more than one pass takes" },
  ])(
    "stops and asks when others stand in the place of all of $files files, noticed $where",
    async ({ files }) => {
      const source = deafSource();
      pair = new FileTreePair({ openChangeSource: source.open });
      for (let n = 0; n < files; n += 1) putFile(pair.primaryRoot, `own/${n}`, `own ${n}`);
      await pair.begin(1, true);
      await until(() => pair.secondary.status()[0]!.isComplete && isEqual());
      const noticed: string[] = [];
      for (let n = 0; n < files; n += 1) {
        putFile(pair.primaryRoot, `own/${n}.locked`, `other ${n}`);
        fs.rmSync(pair.source(`own/${n}`));
        noticed.push(`own/${n}.locked`, `own/${n}`);
      }
      for (const name of noticed) source.events[0]!.onDirty(name);
      await until(() => pair.primary.status()[0]!.health === "fatal");
      // It is tried again and again.
      const tried = pair.toSecondary.count("files/begin");
      await until(() => pair.toSecondary.count("files/begin") > tried + 2);
      expect(fs.readdirSync(pair.target("own"))).toHaveLength(files);
      expect(fs.existsSync(pair.target("own/0"))).toBe(true);
      expect(pair.primary.status()[0]!.because).toMatch(/others stand there/);
    },
    120_000,
  );

  test("removes nothing when the root goes away under it, and recovers", async () => {
    await begin();
    await until(() => pair.secondary.status()[0]!.isComplete);
    fs.renameSync(pair.primaryRoot, `${pair.primaryRoot}-away`);
    await until(() => pair.primary.status()[0]!.health === "fatal");
    expect(fs.readFileSync(pair.target("first"), "utf8")).toBe("first");
    fs.renameSync(`${pair.primaryRoot}-away`, pair.primaryRoot);
    await until(() => pair.primary.status()[0]!.health === "ok");
  }, 120_000);

  test("claims nothing of a folder that has taken the root's place before it was compared", async () => {
    const source = deafSource();
    await begin({ openChangeSource: source.open });
    await until(() => pair.primary.status()[0]!.health === "ok" && isEqual());
    putFile(`${pair.primaryRoot}-other`, "first", "first");
    putFile(`${pair.primaryRoot}-other`, "second", "second");
    fs.renameSync(pair.primaryRoot, `${pair.primaryRoot}-away`);
    fs.renameSync(`${pair.primaryRoot}-other`, pair.primaryRoot);
    const exchangedAtMs = Date.now();
    const opened = source.events.length;
    pair.toSecondary.faultOf = (kind) => (kind === "files/apply" ? "lost" : "none");
    await until(() => source.events.length > opened, 60_000);
    expect(pair.primary.status()[0]!.completeUpToMs).toBeLessThanOrEqual(exchangedAtMs);
    pair.toSecondary.faultOf = () => "none";
    await until(() => pair.primary.status()[0]!.completeUpToMs > exchangedAtMs, 60_000);
    expect(fs.readFileSync(pair.target("second"), "utf8")).toBe("second");
  }, 90_000);

  test("notices what is on a file system that was mounted inside", async () => {
    await begin();
    fs.mkdirSync(pair.source("inner"));
    await until(() => pair.primary.status()[0]!.health === "ok" && isEqual());
    const unmount = mountMemory(pair.source("inner"));
    // Where this user may not mount anything there is nothing to notice.
    if (unmount === undefined) return;
    try {
      putFile(pair.source("inner"), "mounted", "x");
      await until(() => fs.existsSync(pair.target("inner/mounted")), 60_000);
      fs.writeFileSync(pair.source("inner/mounted"), "changed");
      await until(() => fs.readFileSync(pair.target("inner/mounted"), "utf8") === "changed", 60_000);
    } finally {
      await pair.primary.close();
      unmount();
    }
  }, 150_000);

  test("asks before it follows a file system inside that is not mounted any more, after a restart, too", async () => {
    pair = new FileTreePair();
    putFile(pair.primaryRoot, "first", "first");
    fs.mkdirSync(pair.source("inner"));
    const unmount = mountMemory(pair.source("inner"));
    if (unmount === undefined) return;
    try {
      putFile(pair.source("inner"), "mounted", "x");
      await pair.begin(1, true);
      await until(() => pair.primary.status()[0]!.health === "ok" && fs.existsSync(pair.target("inner/mounted")));
      await pair.restart("primary");
    } finally {
      unmount();
    }
    await pair.primary.setRole({ role: "source", epoch: 1, continuous: true });
    await until(() => pair.primary.status()[0]!.health === "fatal", 60_000);
    expect(pair.primary.status()[0]!.because).toContain('a file system was mounted at "inner"');
    expect(fs.existsSync(pair.target("inner/mounted"))).toBe(true);
    expect(await pair.primary.approve!("uploads")).toBe(true);
    await until(() => !fs.existsSync(pair.target("inner/mounted")), 60_000);
    await until(() => pair.primary.status()[0]!.health === "ok", 60_000);
  }, 200_000);

  test("counts all that it leaves alone, more than it has names for, and is none the less at rest", async () => {
    await begin({}, false);
    const control = String.fromCharCode(1);
    for (let n = 0; n < 10_020; n += 1) fs.writeFileSync(pair.source(`${control}${n}`), "");
    await pair.primary.drain(never);
    expect(pair.primary.itemErrors!()[0]!.warnings).toBe(10_020);
  }, 60_000);

  test("stops sending when it is no longer the source", async () => {
    await begin();
    await until(() => pair.secondary.status()[0]!.isComplete);
    await pair.primary.setRole({ role: "idle", epoch: 1 });
    const asked = pair.toSecondary.asked.length;
    putFile(pair.primaryRoot, "late", "x");
    await expect(pair.primary.synchronise(never)).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
    expect(pair.toSecondary.asked).toHaveLength(asked);
  });

  test("knows after a pause, and after a restart, how complete the target is", async () => {
    await begin();
    await until(() => pair.primary.status()[0]!.isComplete && pair.primary.status()[0]!.completeUpToMs > 0);
    const { completeUpToMs, lastFullAnalysisAtMs } = pair.secondary.status()[0]!;
    pair.toSecondary.faultOf = () => "lost";
    await pair.primary.setRole({ role: "source", epoch: 1, continuous: false });
    expect(pair.primary.status()[0]).toMatchObject({ isComplete: true, lastFullAnalysisAtMs });
    expect(pair.primary.status()[0]!.completeUpToMs).toBeGreaterThanOrEqual(completeUpToMs);
    await pair.restart("primary");
    await pair.primary.setRole({ role: "source", epoch: 1, continuous: false });
    expect(pair.primary.status()[0]).toMatchObject({ isComplete: true, lastFullAnalysisAtMs });
    // Of another epoch nothing is known.
    await pair.primary.setRole({ role: "source", epoch: 2, continuous: false });
    expect(pair.primary.status()[0]).toMatchObject({ isComplete: false, completeUpToMs: 0, lastFullAnalysisAtMs: 0 });
  });

  test("does not begin anew when it is given the same role again", async () => {
    const source = deafSource();
    await begin({ openChangeSource: source.open });
    await until(() => pair.secondary.status()[0]!.isComplete);
    await pair.begin(1, true);
    expect(source.events).toHaveLength(1);
    expect(pair.primary.status()[0]!.isComplete).toBe(true);
  });
});

test("a target of another system is told as that, once in the log, and its files are synchronised all the same", async () => {
  await begin({}, false);
  const { handlers } = pair.toSecondary;
  pair.toSecondary.handlers = {
    ...handlers,
    "files/begin": async (message) => {
      const { fields, ...rest } = await handlers["files/begin"]!(message);
      const system = { platform: "win32", isNameBlind: true, unkept: ["extended"] };
      return { ...rest, fields: { ...fields, system } };
    },
  };
  for (let analysis = 0; analysis < 2; analysis += 1) await pair.primary.synchronise(never);
  expect(isEqual()).toBe(true);
  const [status] = pair.primary.status();
  expect(status).toMatchObject({ health: "warning", because: expect.stringContaining("runs win32") as unknown });
  expect(status?.unkept?.at(-1)).toBe("extended attributes");
  const told = pair.logs.primary.lines.filter(({ event }) => event === "files-target-keeps-less");
  expect(told).toHaveLength(1);
  pair.toSecondary.handlers = handlers;
  await pair.primary.synchronise(never);
  expect(pair.primary.status()[0]).toMatchObject({ health: "ok" });
});

test("a source that is not continuous sends nothing by itself", async () => {
  const source = deafSource();
  await begin({ openChangeSource: source.open }, false);
  putFile(pair.primaryRoot, "new", "x");
  expect(pair.toSecondary.asked).toEqual([]);
  expect(source.events).toEqual([]);
  await pair.primary.drain(never);
  expect(isEqual()).toBe(true);
});

test("a closed source says so until it is opened", async () => {
  await begin({}, false);
  expect(await pair.primary.isSourceClosed(never)).toBe(false);
  await pair.primary.closeSource(never);
  expect(await pair.primary.isSourceClosed(never)).toBe(true);
  await pair.primary.openSource(never);
  expect(await pair.primary.isSourceClosed(never)).toBe(false);
  expect(await pair.primary.backUp("label", never)).toBe("");
});
