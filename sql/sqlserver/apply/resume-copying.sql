-- purpose: says that tables are being copied; the position stays
-- params: @p1 history
-- returns: nothing
UPDATE sparesync.applied SET stage = 'copying' WHERE history = @p1
