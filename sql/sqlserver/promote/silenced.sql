-- purpose: what was silenced and still exists
-- params: none
-- returns: kind, schema, table, name, is_trusted
SELECT s.kind, s.schema_name AS [schema], s.table_name AS [table], s.name, s.is_trusted
FROM sparesync.silenced s
WHERE EXISTS (SELECT 1 FROM sys.objects o JOIN sys.tables t ON t.object_id = o.parent_object_id
  WHERE o.name = s.name AND t.name = s.table_name AND SCHEMA_NAME(t.schema_id) = s.schema_name)
