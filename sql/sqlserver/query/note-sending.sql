-- purpose: notes the point that is being sent, to know it again if its answer is lost
-- params: 1 point, 2 attempt, 3 snapshot
-- returns: nothing
UPDATE sparesync.meta SET sending_point = @p1, sending_attempt = @p2, sending_snapshot = @p3
