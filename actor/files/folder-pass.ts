import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import { isSameFile, joinEntries, FilePlanner, type FilePlan } from "../core/file-diff.js";
import type { FileEntry } from "../core/file-entry.js";
import { indexRecord, isUntouched, type IndexStore } from "./index-store.js";
import { scanTree, type FileProblem, type ScannedEntry } from "./scanner.js";
import { sendPlan } from "./sender.js";
import type { SourceSafety } from "./source-safety.js";
import { SourceFile } from "./source-file.js";
import type { TargetPeer } from "./target-peer.js";

export interface PassPorts {
  readonly root: string;
  readonly safety: SourceSafety;
  readonly peer: TargetPeer;
  readonly index: IndexStore;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number, bytes: number) => void;
}

/** What is known from the last full analysis; a pass over some paths cannot count the folder's files itself. */
export interface PassMemory {
  /** Files on the target after the last full analysis. */
  readonly filesAtAnalysis: number;
  /** The same, with what the passes since have added and removed. */
  readonly filesNow: number;
}

export interface PassResult {
  readonly changes: number;
  readonly bytes: number;
  readonly problems: readonly FileProblem[];
  /** For the next pass. */
  readonly memory: PassMemory;
}

interface SourceScan {
  readonly entries: ScannedEntry[];
  readonly problems: FileProblem[];
}

const readBytes = 1024 * 1024;
/** So many entries are compared at a time; then whatever else waits in this process has its turn. */
const sliceEntries = 2000;

/**
 * Makes the target equal to the source at and below the paths ("" is the whole folder): looks at both sides, plans, asks
 * the safety rules, sends. Throws FILE_VETO when the source cannot be believed; then nothing was done.
 */
export async function runPass(paths: readonly string[], memory: PassMemory, ports: PassPorts): Promise<PassResult> {
  const isFull = paths.includes("");
  ports.safety.requireRoot();
  const [source, target] = await Promise.all([scanSource(ports, paths), ports.peer.list(paths)]);
  ports.signal.throwIfAborted();
  const changed = await findChanged(source, target.entries, ports);
  const plan = await makePlan(source, target.entries, changed);
  const filesNow = isFull ? countFiles(target.entries) : memory.filesNow;
  const filesAfter = filesNow + plan.filesNew - plan.filesGone;
  const filesOnTarget = Math.max(memory.filesAtAnalysis, filesNow);
  if (plan.filesGone > 0) {
    ports.safety.requireFewGone(filesOnTarget, filesOnTarget - filesAfter);
  }
  const sent = await carryOut(plan, ports);
  if (isFull) {
    forgetGone(source.entries, ports.index);
    ports.safety.noteWhole();
  }
  await ports.index.flush();
  const targetProblems = target.problems.map(({ path, because }): FileProblem => ({
    path,
    kind: "skipped",
    because: `On the target: ${because}`,
  }));
  return {
    changes: sent.changes,
    bytes: sent.bytes,
    problems: [...source.problems, ...targetProblems, ...sent.problems],
    memory: { filesAtAnalysis: isFull ? filesAfter : memory.filesAtAnalysis, filesNow: filesAfter },
  };
}

async function makePlan(source: SourceScan, target: Iterable<FileEntry>, changed: Set<string>): Promise<FilePlan> {
  const planner = new FilePlanner({ unknown: source.problems.map(({ path }) => path), changed });
  let pairs = 0;
  for (const pair of joinEntries(source.entries, target)) {
    planner.add(pair);
    pairs += 1;
    if (pairs % sliceEntries === 0) await nextTurn();
  }
  return planner.finish();
}

async function carryOut(plan: FilePlan, ports: PassPorts): ReturnType<typeof sendPlan> {
  const total = plan.operations.length;
  if (total === 0) return { changes: 0, bytes: 0, problems: [] };
  ports.onProgress(0, total, plan.bytes);
  return sendPlan(plan, ports.peer, {
    ...ports,
    onProgress: (done) => {
      ports.onProgress(done, total, plan.bytes);
    },
  });
}

async function scanSource({ root, signal }: PassPorts, paths: readonly string[]): Promise<SourceScan> {
  const scan: SourceScan = { entries: [], problems: [] };
  for await (const slice of scanTree(root, paths)) {
    signal.throwIfAborted();
    for (const entry of slice.entries) {
      if (entry.kind !== "other") scan.entries.push(entry);
      else scan.problems.push({ path: entry.path, kind: "skipped", because: "a device, socket or FIFO" });
    }
    for (const problem of slice.problems) {
      // Without the root's names everything would look deleted.
      if (problem.path === "") throw new AppError("FILE_FAILED", `The source cannot be read: ${problem.because}.`);
      scan.problems.push(problem);
    }
  }
  return scan;
}

/**
 * Files that look equal on both sides but were touched here since the target acknowledged them: their content decides.
 * Size and times miss a rewrite within one step of the clock and one whose time was set back.
 */
async function findChanged(source: SourceScan, target: Iterable<FileEntry>, ports: PassPorts): Promise<Set<string>> {
  const changed = new Set<string>();
  const entries = new Map(source.entries.map((entry) => [entry.path, entry]));
  let pairs = 0;
  for (const pair of joinEntries(source.entries, target)) {
    pairs += 1;
    if (pairs % sliceEntries === 0) await nextTurn();
    if (pair.source === undefined || pair.target === undefined || !isSameFile(pair.source, pair.target)) continue;
    const entry = entries.get(pair.source.path);
    if (entry === undefined) continue;
    const record = ports.index.get(entry.path);
    if (record === undefined) {
      // Nothing is remembered: size and time are all there is. Later touches will show.
      ports.index.set(entry.path, { ...indexRecord(entry, "", ports.clock.wallMs()), isFresh: false });
    } else if (!isUntouched(record, entry) && !(await isContentKnown(entry.path, record.sha256, source, ports))) {
      changed.add(entry.path);
    }
  }
  return changed;
}

/** Reads the file and renews its record if the content is still the acknowledged one. */
async function isContentKnown(path: string, sha256: string, source: SourceScan, ports: PassPorts): Promise<boolean> {
  if (sha256 === "") return false;
  ports.signal.throwIfAborted();
  try {
    const file = await SourceFile.open(ports.root, path, ports.clock, ports.signal);
    if (file === undefined) return true;
    try {
      const hash = createHash("sha256");
      for (;;) {
        const piece = await file.read(readBytes);
        if (piece.length === 0) break;
        hash.update(piece);
      }
      await file.requireUnchanged();
      if (hash.digest("hex") !== sha256) return false;
      ports.index.set(path, indexRecord(file.entry, sha256, ports.clock.wallMs()));
      return true;
    } finally {
      await file.close();
    }
  } catch (error) {
    ports.signal.throwIfAborted();
    source.problems.push({ path, kind: "failed", because: errorMessage(error) });
    return true;
  }
}

function forgetGone(entries: readonly FileEntry[], index: IndexStore): void {
  const paths = new Set(entries.map(({ path }) => path));
  for (const path of [...index.paths()]) if (!paths.has(path)) index.delete(path);
}

function countFiles(entries: readonly FileEntry[]): number {
  return entries.reduce((count, { kind }) => (kind === "folder" ? count : count + 1), 0);
}
