-- purpose: gives a table another mark, so that it is copied again; what was copied of it here counts no more (script)
-- params: 1 number, 2 mark
-- returns: nothing
DELETE FROM sparesync.copied WHERE is_done = 1
  AND table_label = (SELECT i.schema_name + '.' + i.table_name FROM sparesync.tables i WHERE i.n = @p1);
UPDATE sparesync.tables SET mark = @p2 WHERE n = @p1;
