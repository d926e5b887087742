-- purpose: moves the position, in the transaction that wrote the rows
-- params: 1 history, 2 point, 3 attempt, 4 time (ms)
-- returns: nothing
UPDATE sparesync.applied SET point = @p2, attempt = @p3, stage = 'complete', complete_up_to_ms = @p4 WHERE history = @p1
