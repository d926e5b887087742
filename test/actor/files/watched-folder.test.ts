import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { ChangeSource } from "../../../actor/files/change-source.js";
import { WatchedFolder } from "../../../actor/files/watched-folder.js";
import { folderSettings } from "../../../shared/core/settings/data-settings.js";
import { makeTemporaryFolder, removeTree } from "../../support/file-tree.js";
import { rememberLog } from "../../support/log-memory.js";
import { createSystemClock } from "../../../shared/system-clock.js";

let root: string;
let nowMs: number;
let probes: (() => void)[];
let watch: WatchedFolder;

beforeEach(async () => {
  root = makeTemporaryFolder();
  nowMs = 1_000_000;
  probes = [];
  const changes: ChangeSource = {
    ready: Promise.resolve(),
    probe: () =>
      new Promise((resolve) => {
        probes.push(resolve);
      }),
    close: () => Promise.resolve(),
  };
  watch = new WatchedFolder(folderSettings.parse({ name: "uploads", path: root }), {
    clock: { ...createSystemClock(), monotonicMs: () => nowMs },
    log: rememberLog(),
    openChangeSource: () => changes,
    onDirty: () => undefined,
    onWake: () => undefined,
  });
  watch.begin();
  await watch.reopen(new AbortController().signal);
});
afterEach(async () => {
  await watch.close();
  removeTree(root);
});

async function checkAfter(seconds: number): Promise<void> {
  nowMs += seconds * 1000;
  watch.check();
  await Promise.resolve();
}

test("a watcher that notices the probe of each minute is believed", async () => {
  await checkAfter(59);
  expect(probes).toHaveLength(0);
  await checkAfter(1);
  expect(probes).toHaveLength(1);
  probes[0]!();
  await Promise.resolve();
  await checkAfter(59);
  expect(probes).toHaveLength(1);
  await checkAfter(1);
  expect(probes).toHaveLength(2);
  expect(watch.doubt).toBe("");
});

test("a watcher that does not notice its probe is doubted, since it was last known to live", async () => {
  const openedAtMs = nowMs;
  await checkAfter(200);
  await checkAfter(29);
  expect(watch.doubt).toBe("");
  await checkAfter(1);
  expect(watch.doubt).toContain("did not notice");
  expect(watch.doubtSinceMs).toBe(openedAtMs);
  expect(watch.losses).toBe(1);
});
