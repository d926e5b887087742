-- purpose: notes when all tables were found equal
-- params: 1 time (ms)
-- returns: nothing
UPDATE sparesync.meta SET verified_at_ms = $1::bigint
