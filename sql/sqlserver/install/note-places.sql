-- purpose: notes where the columns of a table stand
-- params: 1 number, 2 places (JSON)
-- returns: nothing
UPDATE sparesync.tables SET places = @p2 WHERE n = @p1
