-- purpose: notes of a table, if it still has this mark, that the other server holds what was written here under it
-- params: 1 label, 2 mark
-- returns: nothing
UPDATE sparesync.tables SET held_mark = mark WHERE schema_name + '.' + table_name = @p1 AND mark = @p2
