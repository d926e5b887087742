-- purpose: notes the point that is being sent, to know it again if its answer is lost
-- params: @p1 point, @p2 attempt, @p3 snapshot
-- returns: nothing
UPDATE sparesync.meta SET sending_point = @p1, sending_attempt = @p2, sending_snapshot = @p3
