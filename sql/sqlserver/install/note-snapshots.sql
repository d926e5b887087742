-- purpose: notes that it was SpareSync who allowed snapshots
-- params: none
-- returns: nothing
UPDATE sparesync.meta SET is_snapshot_ours = 1
