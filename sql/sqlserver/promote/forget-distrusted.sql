-- purpose: the foreign key is trusted again
-- params: 1 schema, 2 table, 3 name
-- returns: nothing
DELETE FROM sparesync.silenced WHERE schema_name = @p1 AND table_name = @p2 AND name = @p3
