-- purpose: notes when all tables were last found equal on both sides
-- params: 1 time (ms)
-- returns: nothing
UPDATE sparesync.meta SET verified_at_ms = @p1
