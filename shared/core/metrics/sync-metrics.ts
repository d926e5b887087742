import { counter, gauge } from "./metric-family.js";

/** How a synchronisation fares. */
export const syncHealths = ["ok", "warning", "fatal"] as const;

const folder = { folder: "any" } as const;
const database = { database: "any" } as const;

export const fileSyncFamilies = {
  sparesync_file_sync_state: gauge("How the folder's synchronisation fares, one of which is 1.", {
    folder: "any",
    state: syncHealths,
  }),
  sparesync_file_sync_pending_files: gauge("Files changed on the source and not yet on the target.", folder),
  sparesync_file_sync_pending_bytes: gauge(
    "Bytes that are left of what is being sent; what waits for its turn counts as files alone.",
    folder,
  ),
  sparesync_file_sync_oldest_pending_timestamp_seconds: gauge("When the oldest of them changed, 0 = none.", folder),
  sparesync_file_sync_complete_up_to_timestamp_seconds: gauge("Up to when the target has all, 0 = never.", folder),
  sparesync_file_sync_last_success_timestamp_seconds: gauge("When a file last arrived, 0 = never.", folder),
  sparesync_file_sync_last_full_analysis_timestamp_seconds: gauge("Last comparison in full, 0 = never.", folder),
  sparesync_file_sync_differences: gauge("Files that the last full analysis here found to differ.", folder),
  sparesync_file_sync_complete: gauge("Whether the target is a whole copy.", folder),
  sparesync_file_sync_files_total: counter("Files written to or removed from the target.", folder),
  sparesync_file_sync_bytes_total: counter("Bytes written to the target.", folder),
  sparesync_file_sync_source_bytes: gauge("Bytes of the folder on the source at its last full analysis.", folder),
  sparesync_file_sync_target_room_bytes: gauge("Bytes that had room on the target then, beside the reserve.", folder),
  sparesync_file_sync_watch_limited: gauge("Whether a part of the folder is not watched: no watches left.", folder),
  sparesync_file_sync_watch_losses_total: counter(
    "How often changes may have gone unnoticed; each was analysed.",
    folder,
  ),
  sparesync_file_sync_transfer_progress_ratio: gauge("How far a full analysis or copy is; 0 when none runs.", folder),
  sparesync_file_sync_transfer_remaining_files: gauge("Files it has still to bring over, as far as known.", folder),
  sparesync_file_sync_transfer_remaining_bytes: gauge("Bytes of those files.", folder),
  sparesync_file_sync_transfer_bytes_per_second: gauge("How fast it is.", folder),
  sparesync_file_sync_transfer_remaining_seconds: gauge("How long it will take; 0 = not known yet.", folder),
  sparesync_file_sync_deleted_files: gauge("Files that .deleted keeps on this server.", folder),
  sparesync_file_sync_deleted_bytes: gauge("Bytes of those files.", folder),
  sparesync_file_sync_last_purge_timestamp_seconds: gauge(
    "When a purge of .deleted last succeeded on this server, or was first expected; 0 where it is not the target.",
    folder,
  ),
} as const;

export const dbSyncFamilies = {
  sparesync_db_sync_state: gauge("How the database's synchronisation fares, one of which is 1.", {
    database: "any",
    state: syncHealths,
  }),
  sparesync_db_sync_lag_seconds: gauge("Age of the oldest change not yet applied on the target.", database),
  sparesync_db_sync_pending_changes: gauge("Journalled changes not yet applied on the target.", database),
  sparesync_db_sync_pending_bytes: gauge("Bytes of those changes.", database),
  sparesync_db_sync_complete_up_to_timestamp_seconds: gauge("Up to when the target has all, 0 = never.", database),
  sparesync_db_sync_last_success_timestamp_seconds: gauge("When a batch was last applied, 0 = never.", database),
  sparesync_db_sync_complete: gauge("Whether the target is a whole copy.", database),
  sparesync_db_sync_reinitialising: gauge("Whether the database is being copied in full.", database),
  sparesync_db_sync_reinit_required: gauge("Whether a full copy is needed and not under way.", database),
  sparesync_db_sync_reinit_progress_ratio: gauge("How far the full copy is, 1 = complete.", database),
  sparesync_db_sync_rows_applied_total: counter("Rows applied on the target.", database),
  sparesync_db_sync_bytes_applied_total: counter("Bytes applied on the target.", database),
  sparesync_db_sync_journal_rows: gauge("Rows of the journal on this server.", database),
  sparesync_db_sync_journal_bytes: gauge("Bytes of the journal on this server.", database),
  sparesync_db_sync_last_verified_timestamp_seconds: gauge("When all rows were last found equal, 0 = never.", database),
  sparesync_db_sync_verification_running: gauge("Whether the rows of both sides are being compared.", database),
  sparesync_db_sync_verification_rows: gauge("Rows compared by this comparison, or by the last one.", database),
  sparesync_db_sync_differing_rows: gauge("Rows that this comparison, or the last one, found different.", database),
} as const;

export const recoveryPointFamilies = {
  sparesync_recovery_point_lag_seconds: gauge("How much would be lost now if the active server were lost."),
  sparesync_divergence_entries: gauge(
    "Rows and files in this server's divergence reports that nobody has acknowledged: one server had them, the other never got them.",
  ),
} as const;
