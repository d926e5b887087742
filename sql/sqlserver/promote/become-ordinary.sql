-- purpose: makes a target an ordinary database with a history of its own; from here on its journals hold what the other server lacks, but for what nobody has looked at yet (script)
-- params: 1 history, 2 epoch
-- returns: nothing
UPDATE sparesync.tables SET held_mark = mark WHERE (SELECT m.capture_off_because FROM sparesync.meta m) = '';
UPDATE m SET mode = 'open', epoch = CASE WHEN m.epoch < @p2 THEN @p2 ELSE m.epoch END, promoted_epoch = @p2,
  parent_history = ISNULL(a.history, ''), parent_point = ISNULL(a.point, 0), parent_attempt = ISNULL(a.attempt, ''),
  history = @p1, shipped_point = 0, sending_point = 0, sending_attempt = '', sending_snapshot = ''
FROM sparesync.meta m LEFT JOIN sparesync.applied a ON 1 = 1;
