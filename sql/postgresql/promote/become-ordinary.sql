-- purpose: makes a target an ordinary database with a history of its own; from here on its journals hold what the other server lacks
-- params: 1 history, 2 epoch
-- returns: nothing
WITH held AS (
  -- What nobody has looked at yet stays unknown.
  UPDATE sparesync.tables SET held_mark = mark WHERE (SELECT m.capture_off_because FROM sparesync.meta m) = ''
)
UPDATE sparesync.meta m SET mode = 'open', epoch = greatest(m.epoch, $2::bigint), promoted_epoch = $2::bigint,
  parent_history = coalesce(a.history, ''), parent_point = coalesce(a.point, 0), parent_attempt = coalesce(a.attempt, ''),
  history = $1, shipped_point = 0, sending_point = 0, sending_attempt = '', sending_snapshot = ''
FROM (SELECT true AS one) x LEFT JOIN sparesync.applied a ON true
