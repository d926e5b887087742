-- purpose: the tables of which a point noted young journal rows
-- params: 1 attempt
-- returns: n
SELECT DISTINCT n FROM sparesync.seen WHERE attempt = @p1
