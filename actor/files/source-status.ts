import type { ClockPort } from "../../shared/core/clock-port.js";
import { fatalCodes } from "./fatal-codes.js";
import { findUnkept, isOtherSystem, type FolderSystem, type SourceSystem } from "../core/folder-system.js";
import { describeTransfer } from "../core/transfer-progress.js";
import type { SyncHealth, SyncItemStatus } from "../sync-part.js";
import type { FolderSpace, PassProgress } from "./pass.js";

/** What a source knows of one folder. */
export interface FolderFacts {
  readonly completeUpToMs: number;
  readonly lastSuccessAtMs: number;
  readonly lastFullAnalysisAtMs: number;
  /** What that analysis had to bring over or remove, so that both sides were the same. */
  readonly differencesFound: number;
  readonly changesApplied: number;
  readonly bytesApplied: number;
  readonly isComplete: boolean;
  readonly isAnalysing: boolean;
  /** Of the analysis under way: every file is read. */
  readonly hasContent: boolean;
  /** Of the pass under way. */
  readonly progress: PassProgress;
  /** Why the last pass did not come to its end; undefined when it did. */
  readonly failure: { readonly code: string; readonly because: string } | undefined;
  /** As of the last full analysis. */
  readonly space: FolderSpace | undefined;
  /** The target's, as it said at the last full analysis. */
  readonly targetSystem: FolderSystem | undefined;
}

/** The same with what is known of the watching. */
export interface WatchedFacts extends FolderFacts {
  /** Why a part of the folder is not watched; empty when all of it is. */
  readonly watchLimit: string;
  /** How often the source of changes may have missed some. */
  readonly watchLosses: number;
}

export interface FolderPending {
  /** Paths with something a person should know of. */
  readonly warnings: number;
  readonly dirty: number;
  readonly oldestPendingAtMs: number;
  /** Monotonic. */
  readonly nowMs: number;
  /** An analysis that somebody asked for and that has not come to its end. */
  readonly analysisAsked: { readonly hasContent: boolean } | undefined;
}

export const nothingDone: PassProgress = { done: 0, total: 0, doneBytes: 0, totalBytes: 0 };

/** What is known before the first pass. */
export const newFacts: FolderFacts = {
  completeUpToMs: 0,
  lastSuccessAtMs: 0,
  lastFullAnalysisAtMs: 0,
  differencesFound: 0,
  changesApplied: 0,
  bytesApplied: 0,
  isComplete: false,
  isAnalysing: false,
  hasContent: false,
  progress: nothingDone,
  failure: undefined,
  space: undefined,
  targetSystem: undefined,
};

/** What this server has of its own. */
export function ownSystem(): SourceSystem {
  return { platform: process.platform, hasOwner: process.getuid?.() === 0 };
}

/** The status of a folder as its source sees it. */
export function folderStatus(name: string, facts: WatchedFacts, pending: FolderPending): SyncItemStatus {
  const { health, because } = judge(facts, pending);
  const { targetSystem } = facts;
  const unkept = targetSystem === undefined ? [] : findUnkept(ownSystem(), targetSystem);
  const { done, total, doneBytes, totalBytes, sinceMs = pending.nowMs } = facts.progress;
  const { ratio: doneRatio = total === 0 ? 0 : done / total } = facts.progress;
  const elapsedMs = pending.nowMs - sinceMs;
  const counts = { doneFiles: done, totalFiles: total, doneBytes, totalBytes, elapsedMs };
  const analysis = facts.isAnalysing
    ? { isUnderWay: true, hasContent: facts.hasContent }
    : pending.analysisAsked && { isUnderWay: false, ...pending.analysisAsked };
  return {
    kind: "folder",
    name,
    health,
    because,
    pendingChanges: pending.dirty + Math.max(0, total - done),
    pendingBytes: Math.max(0, totalBytes - doneBytes),
    oldestPendingAtMs: pending.oldestPendingAtMs,
    completeUpToMs: facts.completeUpToMs,
    lastSuccessAtMs: facts.lastSuccessAtMs,
    lastFullAnalysisAtMs: facts.lastFullAnalysisAtMs,
    differencesFound: facts.differencesFound,
    changesApplied: facts.changesApplied,
    bytesApplied: facts.bytesApplied,
    isComplete: facts.isComplete,
    isReinitialising: facts.isAnalysing && !facts.isComplete,
    progressRatio: facts.isAnalysing ? doneRatio : facts.isComplete ? 1 : 0,
    ...(facts.space === undefined ? {} : { space: facts.space }),
    ...(unkept.length === 0 ? {} : { unkept }),
    watch: { isLimited: facts.watchLimit !== "", losses: facts.watchLosses },
    ...(analysis === undefined ? {} : { analysis }),
    ...(facts.isAnalysing && total > 0 ? { transfer: describeTransfer(counts) } : {}),
  };
}

function judge(facts: WatchedFacts, pending: FolderPending): { health: SyncHealth; because: string } {
  if (facts.failure !== undefined) {
    return { health: fatalCodes.has(facts.failure.code) ? "fatal" : "warning", because: facts.failure.because };
  }
  if (facts.targetSystem !== undefined && isOtherSystem(ownSystem(), facts.targetSystem)) {
    const { platform } = facts.targetSystem;
    return {
      health: "warning",
      because: `the other server runs ${platform}, this one ${process.platform}: both must be of a kind`,
    };
  }
  if (facts.watchLimit !== "") return { health: "warning", because: facts.watchLimit };
  if (pending.warnings === 0) return { health: "ok", because: "" };
  return { health: "warning", because: `${pending.warnings} paths cannot be synchronised now; see the details` };
}

/**
 * Up to when the target is known to hold everything, monotonic: what an analysis cannot bring over may be missing since then. Now, where
 * it never was whole.
 */
export function wholeAtMs({ completeUpToMs }: FolderFacts, clock: ClockPort): number {
  const nowMs = clock.monotonicMs();
  return completeUpToMs === 0 ? nowMs : Math.min(nowMs, nowMs - (clock.wallMs() - completeUpToMs));
}
