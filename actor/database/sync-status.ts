import type { DataRole, SyncItemStatus } from "../sync-part.js";
import type { TargetView } from "./applier.js";
import type { SideNumbers } from "./side.js";

/** What a source knows of itself, for status. */
export interface SourceView extends SideNumbers {
  pending: number;
  completeUpToMs: number;
  lastSuccessAtMs: number;
  firstSeenAtMs: number;
}

export interface StatusFacts {
  readonly name: string;
  readonly role: DataRole["role"];
  readonly problem: { readonly health: "warning" | "fatal"; readonly because: string } | undefined;
  readonly source: SourceView;
  readonly copy: { readonly done: number; readonly total: number } | undefined;
  readonly target: TargetView;
  readonly stagedBatches: number;
  readonly tableCount: number;
}

/** The item's status from what is known now. Lag is never shown smaller than it may be. */
export function statusOf(facts: StatusFacts): SyncItemStatus {
  const common = {
    kind: "database",
    name: facts.name,
    health: facts.problem?.health ?? "ok",
    because: facts.problem?.because ?? "",
    pendingBytes: 0,
    lastFullAnalysisAtMs: 0,
  } as const;
  return facts.role === "target" ? { ...common, ...targetStatus(facts) } : { ...common, ...sourceStatus(facts) };
}

type Varying = Omit<SyncItemStatus, "kind" | "name" | "health" | "because" | "pendingBytes" | "lastFullAnalysisAtMs">;

function sourceStatus({ source, copy }: StatusFacts): Varying {
  return {
    pendingChanges: source.pending,
    // What waits was committed after the last complete snapshot: that moment is the oldest it can be of.
    oldestPendingAtMs: source.pending === 0 ? 0 : source.completeUpToMs || source.firstSeenAtMs,
    completeUpToMs: source.completeUpToMs,
    lastSuccessAtMs: source.lastSuccessAtMs,
    changesApplied: source.changes,
    bytesApplied: source.bytes,
    isComplete: true,
    isReinitialising: copy !== undefined,
    progressRatio: copy ? copy.done / Math.max(1, copy.total) : 1,
  };
}

function targetStatus({ target, stagedBatches, tableCount }: StatusFacts): Varying {
  const stage = target.applied?.stage;
  const isReinitialising = stage === "copying" || stage === "catching-up";
  return {
    pendingChanges: stagedBatches,
    oldestPendingAtMs: 0,
    completeUpToMs: stage === "complete" ? (target.applied?.completeUpToMs ?? 0) : 0,
    lastSuccessAtMs: target.lastSuccessAtMs,
    changesApplied: target.changes,
    bytesApplied: target.bytes,
    isComplete: stage === "complete",
    isReinitialising,
    progressRatio: isReinitialising ? target.copiedTables / Math.max(1, tableCount) : 1,
  };
}
