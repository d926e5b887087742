-- purpose: Babelfish: a replica keeps neither triggers nor foreign keys, so none need be disabled
-- params: the journalled tables' schemas; {{schemas}}
-- returns: kind, schema, table, name, is_trusted, points_schema and points_name (the table that a foreign key points to)
SELECT 'trigger' AS kind, t.name AS [schema], t.name AS [table], t.name AS name, 1 AS is_trusted,
  t.name AS points_schema, t.name AS points_name
FROM sys.tables t WHERE 1 = 0 AND t.name IN ({{schemas}})
