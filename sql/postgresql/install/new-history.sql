-- purpose: gives this database a new history: what it shipped before no longer counts
-- params: 1 history
-- returns: nothing
UPDATE sparesync.meta SET history = $1, parent_history = '', parent_point = 0, parent_attempt = '', shipped_point = 0,
  sending_point = 0, sending_attempt = '', sending_snapshot = '', is_copy_requested = false
