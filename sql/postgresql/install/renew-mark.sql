-- purpose: gives a table another mark, so that it is copied again
-- params: 1 schema, 2 table, 3 mark
-- returns: nothing
UPDATE sparesync.tables SET mark = $3 WHERE schema_name = $1 AND table_name = $2
