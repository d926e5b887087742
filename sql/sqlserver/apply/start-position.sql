-- purpose: follows another history from its point 0 (script)
-- params: 1 history, 2 stage
-- returns: nothing
DELETE FROM sparesync.applied;
INSERT INTO sparesync.applied (history, point, attempt, stage, complete_up_to_ms) VALUES (@p1, 0, '', @p2, 0);
