-- purpose: says that tables are being copied; the position stays
-- params: 1 history
-- returns: nothing
UPDATE sparesync.applied SET stage = 'copying' WHERE history = @p1
