-- purpose: what an administrator should know before triggers are created
-- params: the schemas; {{schemas}}
-- returns: what, target
SELECT 'nested triggers' AS what, CAST('' AS nvarchar(300)) AS target
FROM sys.configurations c WHERE c.name = 'nested triggers' AND CAST(c.value_in_use AS int) = 0
UNION ALL
SELECT 'output', CAST(SCHEMA_NAME(o.schema_id) + '.' + o.name AS nvarchar(300))
FROM sys.sql_modules m JOIN sys.objects o ON o.object_id = m.object_id
WHERE m.definition COLLATE Latin1_General_CI_AS LIKE '%output%inserted.%'
  OR m.definition COLLATE Latin1_General_CI_AS LIKE '%output%deleted.%'
UNION ALL
SELECT 'replicated table', CAST(SCHEMA_NAME(t.schema_id) + '.' + t.name AS nvarchar(300))
FROM sys.tables t WHERE t.is_published = 1 AND SCHEMA_NAME(t.schema_id) IN ({{schemas}})
