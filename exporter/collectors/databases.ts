import { needsFullCopy } from "../../shared/core/full-copy.js";
import { type Sample, sample, seconds } from "../../shared/core/metric-catalogue.js";
import { syncHealths } from "../../shared/core/metrics/sync-metrics.js";
import type { SyncItemStatus } from "../../shared/core/status.js";
import { statusCollector } from "../collector.js";

/** Synchronisation of the databases. */
export const databases = statusCollector("databases", ({ sync, wallMs, state: serverState }) =>
  sync
    .filter(({ kind }) => kind === "database")
    .flatMap((item): Sample[] => {
      const database = item.name;
      const lagMs = item.oldestPendingAtMs === 0 ? 0 : Math.max(0, wallMs - item.oldestPendingAtMs);
      return [
        ...syncHealths.map((state) => sample("sparesync_db_sync_state", item.health === state, { database, state })),
        sample("sparesync_db_sync_lag_seconds", seconds(lagMs), { database }),
        sample("sparesync_db_sync_pending_changes", item.pendingChanges, { database }),
        sample("sparesync_db_sync_pending_bytes", item.pendingBytes, { database }),
        sample("sparesync_db_sync_complete_up_to_timestamp_seconds", seconds(item.completeUpToMs), { database }),
        sample("sparesync_db_sync_last_success_timestamp_seconds", seconds(item.lastSuccessAtMs), { database }),
        sample("sparesync_db_sync_complete", item.isComplete, { database }),
        sample("sparesync_db_sync_reinitialising", item.isReinitialising, { database }),
        sample("sparesync_db_sync_reinit_required", needsFullCopy(item, serverState), { database }),
        sample("sparesync_db_sync_reinit_progress_ratio", item.progressRatio, { database }),
        sample("sparesync_db_sync_rows_applied_total", item.changesApplied, { database }),
        sample("sparesync_db_sync_bytes_applied_total", item.bytesApplied, { database }),
        ...journalSamples(item),
      ];
    }),
);

/** An actor of an older version says nothing of these. */
function journalSamples({ name, journal, verification }: SyncItemStatus): readonly Sample[] {
  const database = name;
  return [
    sample("sparesync_db_sync_journal_rows", journal?.rows ?? 0, { database }),
    sample("sparesync_db_sync_journal_bytes", journal?.bytes ?? 0, { database }),
    sample("sparesync_db_sync_last_verified_timestamp_seconds", seconds(verification?.verifiedAtMs ?? 0), { database }),
    sample("sparesync_db_sync_verification_running", verification?.isRunning ?? false, { database }),
    sample("sparesync_db_sync_verification_rows", verification?.rows ?? 0, { database }),
    sample("sparesync_db_sync_differing_rows", verification?.differences ?? 0, { database }),
  ];
}
