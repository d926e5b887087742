-- purpose: takes this database for a copy at this position (script)
-- params: 1 history, 2 point, 3 attempt
-- returns: nothing
DELETE FROM sparesync.applied;
INSERT INTO sparesync.applied (history, point, attempt, stage, complete_up_to_ms) VALUES (@p1, @p2, @p3, 'complete', 0);
