import { type Sample, sample, seconds } from "../../shared/core/metric-catalogue.js";
import { syncHealths } from "../../shared/core/metrics/sync-metrics.js";
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
        sample("sparesync_file_sync_complete", item.isComplete, { folder }),
        sample("sparesync_file_sync_files_total", item.changesApplied, { folder }),
        sample("sparesync_file_sync_bytes_total", item.bytesApplied, { folder }),
      ];
    }),
);
