import { type Sample, sample, seconds } from "../../shared/core/metric-catalogue.js";
import { syncHealths } from "../../shared/core/metrics/sync-metrics.js";
import type { ActorStatus } from "../../shared/core/status.js";
import { statusCollector } from "../collector.js";

/** Synchronisation of the folders. */
export const files = statusCollector("files", ({ sync }) =>
  sync
    .filter(({ kind }) => kind === "folder")
    .flatMap((item): Sample[] => {
      const folder = item.name;
      return [
        ...syncHealths.map((state) => sample("sparesync_file_sync_state", item.health === state, { folder, state })),
        sample("sparesync_file_sync_pending_files", item.pendingChanges, { folder }),
        sample("sparesync_file_sync_pending_bytes", item.pendingBytes, { folder }),
        sample("sparesync_file_sync_oldest_pending_timestamp_seconds", seconds(item.oldestPendingAtMs), { folder }),
        sample("sparesync_file_sync_complete_up_to_timestamp_seconds", seconds(item.completeUpToMs), { folder }),
        sample("sparesync_file_sync_last_success_timestamp_seconds", seconds(item.lastSuccessAtMs), { folder }),
        sample("sparesync_file_sync_last_full_analysis_timestamp_seconds", seconds(item.lastFullAnalysisAtMs), {
          folder,
        }),
        sample("sparesync_file_sync_differences", item.differencesFound ?? 0, { folder }),
        sample("sparesync_file_sync_complete", item.isComplete, { folder }),
        sample("sparesync_file_sync_files_total", item.changesApplied, { folder }),
        sample("sparesync_file_sync_bytes_total", item.bytesApplied, { folder }),
        sample("sparesync_file_sync_source_bytes", item.space?.bytes ?? 0, { folder }),
        sample("sparesync_file_sync_target_room_bytes", item.space?.targetRoomBytes ?? 0, { folder }),
        sample("sparesync_file_sync_watch_limited", item.watch?.isLimited ?? false, { folder }),
        sample("sparesync_file_sync_watch_losses_total", item.watch?.losses ?? 0, { folder }),
        ...transferSamples(item),
        sample("sparesync_file_sync_deleted_files", item.deletedFiles ?? 0, { folder }),
        sample("sparesync_file_sync_deleted_bytes", item.deletedBytes ?? 0, { folder }),
        sample("sparesync_file_sync_last_purge_timestamp_seconds", seconds(item.lastPurgeAtMs ?? 0), { folder }),
      ];
    }),
);

type SyncItemStatus = ActorStatus["sync"][number];

/** The series are there also while nothing is transferred: an alert on them must not lose sight of a folder. */
function transferSamples({ name: folder, transfer, progressRatio }: SyncItemStatus): Sample[] {
  const { doneFiles = 0, totalFiles = 0, doneBytes = 0, totalBytes = 0 } = transfer ?? {};
  const { bytesPerSecond = 0, secondsLeft = 0 } = transfer ?? {};
  return [
    sample("sparesync_file_sync_transfer_progress_ratio", transfer === undefined ? 0 : progressRatio, { folder }),
    sample("sparesync_file_sync_transfer_remaining_files", Math.max(0, totalFiles - doneFiles), { folder }),
    sample("sparesync_file_sync_transfer_remaining_bytes", Math.max(0, totalBytes - doneBytes), { folder }),
    sample("sparesync_file_sync_transfer_bytes_per_second", bytesPerSecond, { folder }),
    sample("sparesync_file_sync_transfer_remaining_seconds", secondsLeft, { folder }),
  ];
}
