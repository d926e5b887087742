-- purpose: remembers a trigger or foreign key that was active before it is disabled; one that waited to be trusted again is a silenced one again, and was trusted (script)
-- params: 1 kind, 2 schema, 3 table, 4 name, 5 whether it was trusted
-- returns: nothing
UPDATE sparesync.silenced SET kind = @p1, is_trusted = 1
WHERE kind = 'distrusted' AND schema_name = @p2 AND table_name = @p3 AND name = @p4;
INSERT INTO sparesync.silenced (kind, schema_name, table_name, name, is_trusted)
SELECT @p1, @p2, @p3, @p4, @p5 WHERE NOT EXISTS
  (SELECT 1 FROM sparesync.silenced WHERE schema_name = @p2 AND table_name = @p3 AND name = @p4)
