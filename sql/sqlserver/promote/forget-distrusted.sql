-- purpose: the foreign key is trusted again
-- params: @p1 schema, @p2 table, @p3 name
-- returns: nothing
DELETE FROM sparesync.silenced WHERE schema_name = @p1 AND table_name = @p2 AND name = @p3
