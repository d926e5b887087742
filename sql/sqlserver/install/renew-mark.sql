-- purpose: gives a table another mark, so that it is copied again
-- params: @p1 schema, @p2 table, @p3 mark
-- returns: nothing
UPDATE sparesync.tables SET mark = @p3 WHERE schema_name = @p1 AND table_name = @p2
