-- purpose: takes this database for a copy at this position
-- params: @p1 history, @p2 point, @p3 attempt
-- returns: nothing (script)
DELETE FROM sparesync.applied;
INSERT INTO sparesync.applied (history, point, attempt, stage, complete_up_to_ms) VALUES (@p1, @p2, @p3, 'complete', 0);
