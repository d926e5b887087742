-- purpose: the application's triggers and foreign keys that would act on what is applied
-- params: the journalled tables' schemas; {{schemas}}
-- returns: kind, schema, table, name, is_trusted, points_schema and points_name (the table that a foreign key points to)
SELECT 'trigger' AS kind, SCHEMA_NAME(t.schema_id) AS [schema], t.name AS [table], r.name AS name, 1 AS is_trusted,
  CAST(NULL AS nvarchar(128)) AS points_schema, CAST(NULL AS nvarchar(128)) AS points_name
FROM sys.triggers r JOIN sys.tables t ON t.object_id = r.parent_id
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}}) AND r.is_disabled = 0 AND r.is_ms_shipped = 0
  AND r.name NOT LIKE 'sparesync[_]capture[_]%' AND r.name NOT LIKE 'sparesync[_]gate[_]%'
UNION ALL
SELECT 'foreign-key', SCHEMA_NAME(t.schema_id), t.name, f.name, CASE WHEN f.is_not_trusted = 0 THEN 1 ELSE 0 END,
  SCHEMA_NAME(p.schema_id), p.name
FROM sys.foreign_keys f JOIN sys.tables t ON t.object_id = f.parent_object_id
JOIN sys.tables p ON p.object_id = f.referenced_object_id
WHERE (SCHEMA_NAME(t.schema_id) IN ({{schemas}}) OR SCHEMA_NAME(p.schema_id) IN ({{schemas}})) AND f.is_disabled = 0
