-- purpose: follows another history from its point 0
-- params: 1 history, 2 stage
-- returns: nothing
INSERT INTO sparesync.applied (history, point, attempt, stage, complete_up_to_ms) VALUES ($1, 0, '', $2, 0)
ON CONFLICT (only_one) DO UPDATE SET history = $1, point = 0, attempt = '', stage = $2, complete_up_to_ms = 0
