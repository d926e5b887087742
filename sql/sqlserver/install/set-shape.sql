-- purpose: notes the present shape of a table whose journal stays as it is
-- params: 1 number, 2 shape (JSON)
-- returns: nothing
UPDATE sparesync.tables SET shape = @p2 WHERE n = @p1
