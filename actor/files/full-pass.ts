import { AppError } from "../../shared/core/app-error.js";
import { hasSameAttributes } from "../core/file-compare.js";
import type { PlannedOperation } from "../core/file-diff.js";
import { entryOf } from "../core/folder-record.js";
import { pathSystemFor } from "../core/folder-system.js";
import { bringNewcomers, type Brought } from "./bring-newcomers.js";
import { FullProgress } from "./full-progress.js";
import { GoneCounter } from "./gone-counter.js";
import { hashSourceFile } from "./hash-source-file.js";
import { targetProblems, type PassMemory, type PassPorts, type PassResult } from "./pass.js";
import type { Moment } from "./newcomers.js";
import { Renames } from "./renames.js";
import { requireAllMayGo } from "./require-all-may-go.js";
import { findOutgrown, type FileProblem } from "./scanner.js";
import { Sender } from "./sender.js";
import type { TargetTree } from "./target-peer.js";
import { innerFirst, TreeCompare } from "./tree-compare.js";
import { scanWholeTree, type TreeScan } from "./tree-scan.js";

/** More are counted and not listed. */
const problemLimit = 10_000;

interface SourceScan extends TreeScan {
  readonly began: Moment;
}

interface Problems {
  named: FileProblem[];
  unnamed: { skipped: number; tried: number };
}

/**
 * Makes the target equal to the source in full. Both sides look at their trees at the same time and compare one digest; only
 * where digests differ do they compare further. Content goes first and removals last, so that an interruption leaves too
 * much rather than too little.
 */
export async function runFullPass(memory: PassMemory, ports: PassPorts): Promise<PassResult> {
  const problems: Problems = { named: [], unnamed: { skipped: 0, tried: 0 } };
  const beganAtMs = ports.clock.monotonicMs();
  const [source, target] = await lookAndRename(memory, ports, problems);
  const lookMs = ports.clock.monotonicMs() - beganAtMs;
  const { hasOwner } = target;
  const pathSystem = pathSystemFor(memory.pathSystem, target.system);
  const filesOnTarget = Math.max(memory.filesAtAnalysis, target.files);
  // What could not be looked at is not gone. Where nobody knows how much it is, only what is found to be gone counts.
  const files = source.totals.files + (Number.isFinite(source.unknownFiles) ? source.unknownFiles : 0);
  const isFewer = Number.isFinite(source.unknownFiles) && target.files > files;
  const numbers = { filesOnTarget, fewer: filesOnTarget - files, isFewer };
  const names = await requireAllMayGo(source, target, numbers, ports);
  const sent = await sendDifferences(source, target, new GoneCounter(ports.safety, numbers, names), ports);
  await ports.store.flush();
  return {
    ...sent,
    lookMs,
    problemsUnnamed: problems.unnamed,
    ...(target.system === undefined ? {} : { system: target.system }),
    problems: [...problems.named, ...targetProblems(target.problems), ...sent.problems],
    space: { bytes: source.totals.bytes, targetBytes: target.bytes, targetRoomBytes: target.roomBytes },
    memory: { filesAtAnalysis: files, filesNow: files, hasOwner, pathSystem },
  };
}

/**
 * What was renamed since the last look is renamed on the target first, and then both sides look again: whatever came of
 * it, the second look tells what is left to do.
 */
async function lookAndRename(
  memory: PassMemory,
  ports: PassPorts,
  problems: Problems,
): Promise<[SourceScan, TargetTree]> {
  const renames = new Renames(ports.store);
  try {
    const looked = await lookAtBoth(memory, ports, problems, renames);
    const moves = renames.plan();
    if (moves.length === 0) return looked;
    const sender = new Sender({ ...ports, hasOwner: looked[1].hasOwner, onProgress: () => undefined });
    try {
      for (const move of moves) await sender.add(move);
      await sender.finish();
    } finally {
      sender.close();
    }
  } finally {
    renames.forget();
  }
  forget(problems);
  return lookAtBoth(memory, ports, problems);
}

async function lookAtBoth(
  memory: PassMemory,
  ports: PassPorts,
  problems: Problems,
  renames?: Renames,
): Promise<[SourceScan, TargetTree]> {
  const { hasContent, peer } = ports;
  const [first, target] = await Promise.all([
    scanSource(memory, ports, problems, renames),
    peer.analyse({ hasOwner: memory.hasOwner, hasContent }),
  ]);
  const { hasOwner } = target;
  const pathSystem = pathSystemFor(memory.pathSystem, target.system);
  if (hasOwner === memory.hasOwner && pathSystem === memory.pathSystem) return [first, target];
  // Digests with owners mean nothing to a target that cannot set them; and names that it cannot have are not sent.
  forget(problems);
  return [await scanSource({ hasOwner, pathSystem }, ports, problems), target];
}

async function scanSource(
  { hasOwner, pathSystem }: Pick<PassMemory, "hasOwner" | "pathSystem">,
  ports: PassPorts,
  problems: Problems,
  renames?: Renames,
): Promise<SourceScan> {
  const { root, rules, store, clock, signal, hasContent } = ports;
  const began = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
  const scan = await scanWholeTree({
    root,
    rules,
    store,
    signal,
    kind: { hasOwner, hasContent, side: "source" },
    pathSystem,
    ...(renames === undefined ? {} : { renames }),
    hashContent: (path) => hashSourceFile(root, path, clock, signal),
    report: (problem) => {
      // Without the root's names everything would look deleted.
      if (problem.path === "") throw new AppError("FILE_FAILED", `The source cannot be read: ${problem.because}.`);
      if (problems.named.length < problemLimit) problems.named.push(problem);
      else problems.unnamed[problem.kind === "skipped" ? "skipped" : "tried"] += 1;
    },
  });
  return { ...scan, began };
}

function forget(problems: Problems): void {
  problems.named = [];
  problems.unnamed = { skipped: 0, tried: 0 };
}

async function sendDifferences(
  source: SourceScan,
  target: TargetTree,
  gone: GoneCounter,
  ports: PassPorts,
): Promise<Pick<PassResult, "changes" | "bytes" | "problems" | "grown" | "isUndecided">> {
  const sides = { source: source.totals, target, sinceMs: ports.clock.monotonicMs() };
  const progress = new FullProgress(sides, ports.onProgress);
  const sender = new Sender({
    ...ports,
    hasOwner: target.hasOwner,
    onProgress: (_, doneBytes, filesDone) => {
      progress.noteDone(filesDone, doneBytes);
    },
  });
  const outgrown: FileProblem[] = [];
  const emit = (operation: PlannedOperation): Promise<void> | undefined => sender.add(operation);
  const compare = new TreeCompare({
    ...ports,
    hasOwner: target.hasOwner,
    emit,
    onFilesGone: (files) => {
      gone.add(files);
    },
    onFound: (files, bytes) => {
      progress.noteFound(files, bytes);
    },
    onTooLarge: (path, versions) => {
      const problem = findOutgrown(path, versions, ports.rules);
      if (problem !== undefined && outgrown.length < problemLimit) outgrown.push(problem);
    },
  });
  try {
    const root = entryOf("", source.root);
    if (source.digest.toString("hex") !== target.digest) await compare.run(root, source.digest);
    const theirs = { ...root, mode: target.mode, mtimeNs: BigInt(target.mtimeNs), uid: target.uid, gid: target.gid };
    if (!hasSameAttributes(root, theirs, target.hasOwner)) compare.touched.set("", root);
    gone.addRest(compare.filesGone);
    const { isUndecided, problems } = await removeGone(source, compare, sender, ports);
    for (const entry of innerFirst(compare.touched.values())) await emit({ do: "set-attributes", entry });
    const sent = await sender.finish();
    return { ...sent, problems: [...sent.problems, ...problems, ...outgrown], isUndecided };
  } finally {
    sender.close();
  }
}

/** What is gone goes, unless it may have been moved to where the scan did not see it. */
async function removeGone(
  source: SourceScan,
  compare: TreeCompare,
  sender: Sender,
  ports: PassPorts,
): Promise<Pick<Brought, "isUndecided" | "problems">> {
  if (compare.gone.length === 0) return { isUndecided: false, problems: [] };
  const { isBack, ...brought } = await bringNewcomers(source, { ...ports, sender, touched: compare.touched });
  for (const one of brought.isUndecided ? [] : compare.gone) {
    if (isBack(one.entry.path)) continue;
    for await (const removal of compare.removals(one, "gone")) await sender.add(removal);
  }
  return brought;
}
