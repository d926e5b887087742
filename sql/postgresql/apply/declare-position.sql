-- purpose: says that this database is a copy of the source at this point
-- params: 1 history, 2 point, 3 attempt
-- returns: nothing
INSERT INTO sparesync.applied (history, point, attempt, stage, complete_up_to_ms) VALUES ($1, $2::bigint, $3, 'complete', 0)
ON CONFLICT (only_one) DO UPDATE SET history = $1, point = $2::bigint, attempt = $3, stage = 'complete', complete_up_to_ms = 0
