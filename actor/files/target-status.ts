import type { SyncItemStatus } from "../sync-part.js";
import type { Receiver } from "./receiver.js";
import type { Settled } from "./settled-store.js";
import type { TargetPlace } from "./target-place.js";

/** The status of a folder as its target sees it: what is on its way only the source knows. */
export function targetStatus(
  name: string,
  { counts, kept, lastPurgeAtMs }: Pick<Receiver, "counts" | "kept" | "lastPurgeAtMs">,
  settled: Settled,
  place: Pick<TargetPlace, "doubt" | "isWhole">,
): SyncItemStatus {
  const fatal = place.doubt === "" ? counts.fatal : place.doubt;
  // What was said of another folder is not true of this one.
  const isComplete = settled.isComplete && place.isWhole;
  return {
    kind: "folder",
    name,
    health: fatal === "" ? "ok" : "fatal",
    because: fatal,
    pendingChanges: 0,
    pendingBytes: 0,
    oldestPendingAtMs: 0,
    completeUpToMs: settled.completeUpToMs,
    lastSuccessAtMs: counts.lastAppliedAtMs,
    lastFullAnalysisAtMs: settled.lastFullAnalysisAtMs,
    changesApplied: counts.changesApplied,
    bytesApplied: counts.bytesApplied,
    isComplete,
    isReinitialising: false,
    progressRatio: isComplete ? 1 : 0,
    lastPurgeAtMs,
    ...(kept === undefined ? {} : { deletedFiles: kept.files, deletedBytes: kept.bytes }),
  };
}
