-- purpose: the unique indexes that can identify a row of each table, the primary key first
-- params: the schemas; {{schemas}}
-- returns: schema, name, index_id, is_primary_key, column_name, is_nullable
SELECT SCHEMA_NAME(t.schema_id) AS [schema], t.name AS name, CAST(i.index_id AS int) AS index_id,
  CAST(i.is_primary_key AS int) AS is_primary_key, c.name AS column_name, CAST(c.is_nullable AS int) AS is_nullable
FROM sys.tables t
JOIN sys.indexes i ON i.object_id = t.object_id AND i.is_unique = 1 AND i.is_disabled = 0 AND i.is_hypothetical = 0
JOIN sys.index_columns ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id AND ic.is_included_column = 0
JOIN sys.columns c ON c.object_id = ic.object_id AND c.column_id = ic.column_id
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}}) AND (i.has_filter = 0 OR i.has_filter IS NULL)
ORDER BY SCHEMA_NAME(t.schema_id), t.name, i.is_primary_key DESC, i.index_id, ic.key_ordinal
