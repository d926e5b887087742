-- purpose: foreign keys that were trusted before and are not yet again, by us or by a person, with the rows to check
-- params: none
-- returns: schema, table, name, rows
SELECT s.schema_name AS [schema], s.table_name AS [table], s.name,
  (SELECT SUM(p.[rows]) FROM sys.partitions p WHERE p.object_id = t.object_id AND p.index_id IN (0, 1)) AS [rows]
FROM sparesync.silenced s
JOIN sys.tables t ON t.name = s.table_name AND SCHEMA_NAME(t.schema_id) = s.schema_name
JOIN sys.foreign_keys f ON f.parent_object_id = t.object_id AND f.name = s.name
WHERE s.kind = 'distrusted' AND f.is_not_trusted = 1
