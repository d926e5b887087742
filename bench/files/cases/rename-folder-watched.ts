import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ours } from "../../bench.js";
import { untilTrue } from "../../programs.js";
import { scaled } from "../measure-session.js";
import { repeatCase, type SyncedPair } from "../repeat-case.js";
import { makeSmallFiles, seededBytes } from "../trees.js";
import { untilOnTarget } from "../until-on-target.js";

const limitMs = 120_000;
const files = 10_000;

/** T15 as the product runs: it watches, with delay 0; a peer that does not watch is started at the rename. */
export const renameFolderWatched = repeatCase({
  name: "rename-folder-watched",
  title: "a folder with 10,000 files of 4 KiB gets another name while it is watched: until it has it on the target",
  goals: [{ measure: "renameSeconds", unit: "s", peer: "rsync-mtls", target: 0.1 }],
  isInMemory: true,
  watchDelaySeconds: 0,
  watchers: [ours],
  fill: (root, place) => {
    makeSmallFiles(join(root, "folder-0"), scaled(files, place), 4096);
  },
  work: measureRename,
});

async function measureRename(pair: SyncedPair, round: number) {
  const { source, target, place, session, isWatching } = pair;
  const [from, to] = [`folder-${round}`, `folder-${round + 1}`];
  const isThere = (name: string): boolean =>
    existsSync(join(target, name)) && countFiles(join(target, name)) === scaled(files, place);
  if (isWatching) {
    await untilTrue("the folder is on the target", () => isThere(from), { limitMs, pauseMs: 50 });
    await untilIdle(pair, `before-${round}`);
  }
  const renamedAt = performance.now();
  renameSync(join(source, from), join(source, to));
  if (!isWatching) await session.synchronise();
  const isDone = (): boolean => existsSync(join(target, to)) && !existsSync(join(target, from)) && isThere(to);
  await untilTrue("the folder has its new name", isDone, { limitMs, pauseMs: 1 });
  const renameSeconds = (performance.now() - renamedAt) / 1000;
  // What follows the rename is processor time, too.
  if (isWatching) await untilIdle(pair, `after-${round}`);
  return { renameSeconds };
}

/** What is written later comes with a later pass. */
async function untilIdle({ source, target }: SyncedPair, name: string): Promise<void> {
  const content = seededBytes(name, 64);
  writeFileSync(join(source, name), content);
  await untilOnTarget(join(target, name), content, limitMs);
}

function countFiles(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
}
