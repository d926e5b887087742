import type { SyncItemStatus } from "../sync-part.js";
import type { Receiver } from "./receiver.js";
import type { Settled } from "./settled-store.js";

/** The status of a folder as its target sees it: what is on its way only the source knows. */
export function targetStatus(
  name: string,
  { counts, kept, lastPurgeAtMs }: Pick<Receiver, "counts" | "kept" | "lastPurgeAtMs">,
  settled: Settled,
): SyncItemStatus {
  return {
    kind: "folder",
    name,
    health: counts.fatal === "" ? "ok" : "fatal",
    because: counts.fatal,
    pendingChanges: 0,
    pendingBytes: 0,
    oldestPendingAtMs: 0,
    completeUpToMs: settled.completeUpToMs,
    lastSuccessAtMs: counts.lastAppliedAtMs,
    lastFullAnalysisAtMs: settled.lastFullAnalysisAtMs,
    changesApplied: counts.changesApplied,
    bytesApplied: counts.bytesApplied,
    isComplete: settled.isComplete,
    isReinitialising: false,
    progressRatio: settled.isComplete ? 1 : 0,
    lastPurgeAtMs,
    ...(kept === undefined ? {} : { deletedFiles: kept.files, deletedBytes: kept.bytes }),
  };
}
