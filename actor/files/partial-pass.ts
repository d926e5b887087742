import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "../../shared/core/app-error.js";
import { FilePlanner, joinEntries, type DiffOptions, type FilePlan, type PlannedOperation } from "../core/file-diff.js";
import { applyMoves, findMoves, foldersForMoves, topOf } from "../core/file-moves.js";
import { checkFilePath, findUnrepresentable, type PathSystem } from "../core/file-path.js";
import { isSameTime } from "../core/file-entry.js";
import type { ListedEntry } from "../core/file-wire.js";
import { isSameState, nothingKnown } from "../core/folder-record.js";
import { stateOfEntry } from "./folder-store.js";
import { GoneNames } from "./gone-names.js";
import { targetProblems, type PassMemory, type PassPorts, type PassResult } from "./pass.js";
import { findOutgrown, scanPaths, type FileProblem, type ScannedEntry } from "./scanner.js";
import type { TargetListing } from "./target-peer.js";
import { holesIn, requireRoomFor } from "./target-room.js";
import { moveWholeFolders } from "./whole-folder-moves.js";
import { Sender, type PlannedMove, type SendResult } from "./sender.js";

interface SourceScan {
  readonly entries: ScannedEntry[];
  readonly problems: FileProblem[];
}

/** So many entries are compared at a time; then whatever else waits in this process has its turn. */
const sliceEntries = 2000;
/** A pass over some paths is held in memory; whoever moves a larger tree in gets a full analysis, which is not. */
const largestPass = 50_000;

/**
 * Makes the target equal to the source at and below some paths: both sides list them, the difference is sent. Undefined, and
 * nothing done, when there is too much below them.
 */
export async function runPartialPass(
  noticed: readonly string[],
  memory: PassMemory,
  ports: PassPorts,
): Promise<PassResult | undefined> {
  const { moved, changes, paths } = await moveWholeFolders(noticed, memory, ports);
  const [source, target] = await lookAtBoth(paths, memory, ports);
  if (source === undefined || target === undefined) return undefined;
  ports.signal.throwIfAborted();
  const { moves, foldersFirst, entries } = planMoves(source, target.entries, ports);
  const changed = await findTouched(source.entries, entries, moves, ports);
  const plan = await makePlan(source, entries, moves, { changed, hasOwner: memory.hasOwner });
  const filesAfter = memory.filesNow + plan.filesNew - plan.filesGone;
  if (plan.filesGone > 0) {
    const filesOnTarget = Math.max(memory.filesAtAnalysis, memory.filesNow);
    ports.safety.requireFewGone(filesOnTarget, filesOnTarget - filesAfter, plan.filesGone, namesGone(plan));
  }
  requireRoom(plan, target.roomBytes, ports);
  // What was moved is in its place before it is compared with what should be there.
  const arranged = await carryOut([...foldersFirst, ...moves], 0, memory.hasOwner, ports);
  const sent = joinResults(arranged, await carryOut(plan.operations, plan.bytes, memory.hasOwner, ports));
  noteNewFolders(plan, source.entries, sent, ports);
  await ports.store.flush();
  return {
    ...sent,
    changes: changes + sent.changes,
    moved,
    problems: [
      ...source.problems,
      ...targetProblems(target.problems),
      ...sent.problems,
      ...outgrownOf(source.problems, target.entries, ports),
    ],
    memory: { ...memory, filesNow: filesAfter },
  };
}

function outgrownOf(
  problems: readonly FileProblem[],
  target: readonly ListedEntry[],
  { rules }: PassPorts,
): FileProblem[] {
  const tooLarge = new Map(problems.map((one) => [one.path, one.tooLarge]));
  return target.flatMap((theirs) => {
    const mine = theirs.kind === "file" ? tooLarge.get(theirs.path) : undefined;
    return mine === undefined ? [] : (findOutgrown(theirs.path, { mine, theirs }, rules) ?? []);
  });
}

/** At the same time. What was asked of the target has been answered when it rejects: a late question would end the next pass. */
async function lookAtBoth(
  paths: readonly string[],
  { pathSystem }: PassMemory,
  ports: PassPorts,
): Promise<[SourceScan | undefined, TargetListing | undefined]> {
  // A name that cannot be sent is reported by the analysis; asked for it, the target would refuse the question.
  const wanted = paths.filter(isListable(pathSystem));
  const target = ports.peer.list(wanted);
  const source = scanSource(ports, paths, pathSystem);
  await Promise.allSettled([source, target]);
  return Promise.all([source, target]);
}

/** So that a folder is known again when it is renamed before the next full analysis. */
function noteNewFolders(
  { operations }: FilePlan,
  entries: readonly ScannedEntry[],
  { problems }: SendResult,
  { store }: PassPorts,
): void {
  const made = new Set(operations.filter((one) => one.do === "make-folder").map(({ entry }) => entry.path));
  for (const { path } of problems) made.delete(path);
  for (const entry of made.size === 0 ? [] : entries) {
    if (made.has(entry.path)) store.note(entry.path, { state: stateOfEntry(entry), known: nothingKnown });
  }
}

function namesGone({ operations }: FilePlan): GoneNames {
  const names = new GoneNames();
  for (const one of operations) if (one.do === "remove" && one.entry.kind !== "folder") names.add(one.entry.path);
  return names;
}

function requireRoom({ bytes, operations }: FilePlan, roomBytes: number, { root }: PassPorts): void {
  if (bytes <= roomBytes) return;
  const puts = operations.filter((one) => one.do === "put-file").map(({ entry }) => entry);
  requireRoomFor(bytes - holesIn(root, puts), roomBytes);
}

async function makePlan(
  source: SourceScan,
  target: readonly ListedEntry[],
  moves: readonly PlannedMove[],
  options: Omit<DiffOptions, "unknown">,
): Promise<FilePlan> {
  const unknown = source.problems.filter(({ isInPart }) => isInPart !== true).map(({ path }) => path);
  const planner = new FilePlanner({ ...options, unknown });
  // The folders may have been given their times by an earlier pass, and get others by the move.
  for (const { from, entry } of moves) for (const path of [from, entry.path]) planner.noteMoved(path);
  let pairs = 0;
  for (const pair of joinEntries(source.entries, target)) {
    planner.add(pair);
    pairs += 1;
    if (pairs % sliceEntries === 0) await nextTurn();
  }
  return planner.finish();
}

/** What was only renamed is renamed on the target, too; the rest is planned as if that had been done. */
function planMoves(
  source: SourceScan,
  target: readonly ListedEntry[],
  { store }: PassPorts,
): { moves: PlannedMove[]; foldersFirst: PlannedOperation[]; entries: readonly ListedEntry[] } {
  const moves = findMoves(source.entries, target, (path) => store.find(path)?.state);
  if (moves.length === 0) return { moves: [], foldersFirst: [], entries: target };
  const folders = foldersForMoves(source.entries, target, moves);
  return {
    moves: moves.map(({ from, entry }) => ({ do: "move", from, entry })),
    foldersFirst: folders.map((entry) => ({ do: "make-folder", entry })),
    entries: applyMoves(target, moves),
  };
}

async function carryOut(
  operations: readonly (PlannedOperation | PlannedMove)[],
  bytes: number,
  hasOwner: boolean,
  ports: PassPorts,
): Promise<SendResult> {
  const total = operations.length;
  if (total === 0) return { changes: 0, bytes: 0, problems: [], grown: new Map() };
  ports.onProgress({ done: 0, total, doneBytes: 0, totalBytes: bytes });
  const sender = new Sender({
    ...ports,
    hasOwner,
    onProgress: (done, doneBytes) => {
      ports.onProgress({ done, total, doneBytes, totalBytes: bytes });
    },
  });
  try {
    for (const operation of operations) {
      // It may be there again since that was planned.
      if (operation.do === "remove" && ports.overtaking?.hasOvertaken(operation.entry.path) === true) continue;
      await sender.add(operation);
    }
    return await sender.finish();
  } finally {
    sender.close();
  }
}

function joinResults(one: SendResult, other: SendResult): SendResult {
  return {
    changes: one.changes + other.changes,
    bytes: one.bytes + other.bytes,
    problems: [...one.problems, ...other.problems],
    grown: new Map([...one.grown, ...other.grown]),
  };
}

function isListable(pathSystem: PathSystem): (path: string) => boolean {
  return (path) => path === "" || checkFilePath(path, pathSystem).isAllowed;
}

async function scanSource(
  { root, rules, signal }: PassPorts,
  paths: readonly string[],
  pathSystem: PathSystem,
): Promise<SourceScan | undefined> {
  const faults = paths.flatMap((path) => findUnrepresentable(path, pathSystem) ?? []);
  const scan: SourceScan = { entries: [], problems: faults.map((fault) => ({ ...fault, kind: "skipped" })) };
  for await (const slice of scanPaths(root, paths.filter(isListable(pathSystem)), rules, { pathSystem })) {
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
    if (scan.entries.length > largestPass) return undefined;
  }
  return scan;
}

/**
 * Files that look equal on both sides but were touched here since the target acknowledged them: their content decides.
 * Size and times miss a rewrite within one step of the clock and one whose time was set back. What was moved is known by the
 * path it had; that an inode, a size and a time are the same does not make it the same file.
 */
async function findTouched(
  source: readonly ScannedEntry[],
  target: Iterable<ListedEntry>,
  moves: readonly PlannedMove[],
  { store }: PassPorts,
): Promise<Set<string>> {
  const touched = new Set<string>();
  const places = new Map(moves.map(({ from, entry }) => [entry.path, from]));
  const entries = new Map(source.map((entry) => [entry.path, entry]));
  let pairs = 0;
  for (const pair of joinEntries(source, target)) {
    pairs += 1;
    if (pairs % sliceEntries === 0) await nextTurn();
    const entry = pair.source?.kind === "file" ? entries.get(pair.source.path) : undefined;
    if (entry === undefined || pair.target?.kind !== "file") continue;
    if (entry.size !== pair.target.size || !isSameTime(entry.mtimeNs, pair.target.mtimeNs)) continue;
    const top = topOf(entry.path, places);
    const former = top === undefined ? entry.path : (places.get(top) ?? "") + entry.path.slice(top.length);
    const found = store.find(former);
    // Nothing is remembered: size and time are all there is. Later touches will show.
    if (found === undefined) store.note(entry.path, { state: stateOfEntry(entry), known: nothingKnown });
    else if (!isSameState(found.state, entry) || found.known.isFresh || found.known.isDoubtful) touched.add(entry.path);
  }
  return touched;
}
