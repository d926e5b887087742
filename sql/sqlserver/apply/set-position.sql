-- purpose: moves the position, in the transaction that wrote the rows
-- params: @p1 history, @p2 point, @p3 attempt, @p4 time (ms)
-- returns: nothing
UPDATE sparesync.applied SET point = @p2, attempt = @p3, stage = 'complete', complete_up_to_ms = @p4 WHERE history = @p1
