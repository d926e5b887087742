import type { SyncHealth, SyncItemStatus } from "../sync-part.js";

/** What a source knows of one folder. */
export interface FolderFacts {
  readonly completeUpToMs: number;
  readonly lastSuccessAtMs: number;
  readonly lastFullAnalysisAtMs: number;
  readonly changesApplied: number;
  readonly bytesApplied: number;
  readonly isComplete: boolean;
  readonly isAnalysing: boolean;
  readonly plannedOperations: number;
  readonly doneOperations: number;
  readonly plannedBytes: number;
  /** Why the last pass did not come to its end; undefined when it did. */
  readonly failure: { readonly code: string; readonly because: string } | undefined;
  /** Why a part of the folder is not watched; empty when all of it is. */
  readonly watchLimit: string;
}

/** Of a folder that was not compared yet. */
export function newFolderFacts(): FolderFacts {
  return {
    completeUpToMs: 0,
    lastSuccessAtMs: 0,
    lastFullAnalysisAtMs: 0,
    changesApplied: 0,
    bytesApplied: 0,
    isComplete: false,
    isAnalysing: false,
    plannedOperations: 0,
    doneOperations: 0,
    plannedBytes: 0,
    failure: undefined,
    watchLimit: "",
  };
}

export interface FolderPending {
  /** Paths with something a person should know of. */
  readonly warnings: number;
  readonly dirty: number;
  readonly oldestPendingAtMs: number;
}

/** These stop the folder until somebody has looked; anything else (the peer is away, a new epoch) is no file error. */
const fatalCodes: ReadonlySet<string> = new Set([
  "FILE_VETO",
  "FILE_FAILED",
  "FILE_NO_SPACE",
  "FILE_PATH_REFUSED",
  "NOT_FOUND",
  "STATE_UNREADABLE",
]);

/** The status of a folder as its source sees it. */
export function folderStatus(name: string, facts: FolderFacts, pending: FolderPending): SyncItemStatus {
  const { health, because } = judge(facts, pending);
  const left = Math.max(0, facts.plannedOperations - facts.doneOperations);
  const doneRatio = facts.plannedOperations === 0 ? 0 : facts.doneOperations / facts.plannedOperations;
  return {
    kind: "folder",
    name,
    health,
    because,
    pendingChanges: pending.dirty + left,
    pendingBytes: Math.round(facts.plannedBytes * (1 - doneRatio)),
    oldestPendingAtMs: pending.oldestPendingAtMs,
    completeUpToMs: facts.completeUpToMs,
    lastSuccessAtMs: facts.lastSuccessAtMs,
    lastFullAnalysisAtMs: facts.lastFullAnalysisAtMs,
    changesApplied: facts.changesApplied,
    bytesApplied: facts.bytesApplied,
    isComplete: facts.isComplete,
    isReinitialising: facts.isAnalysing && !facts.isComplete,
    progressRatio: facts.isAnalysing ? doneRatio : facts.isComplete ? 1 : 0,
  };
}

function judge(facts: FolderFacts, pending: FolderPending): { health: SyncHealth; because: string } {
  if (facts.failure !== undefined) {
    return { health: fatalCodes.has(facts.failure.code) ? "fatal" : "warning", because: facts.failure.because };
  }
  if (facts.watchLimit !== "") return { health: "warning", because: facts.watchLimit };
  if (pending.warnings === 0) return { health: "ok", because: "" };
  return { health: "warning", because: `${pending.warnings} paths cannot be synchronised now; see the details` };
}
