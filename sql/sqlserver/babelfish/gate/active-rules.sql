-- purpose: Babelfish: a replica keeps neither triggers nor foreign keys, so none need be disabled
-- params: the journalled tables' schemas; {{schemas}}
-- returns: kind, schema, table, name, is_trusted
SELECT 'trigger' AS kind, t.name AS [schema], t.name AS [table], t.name AS name, 1 AS is_trusted
FROM sys.tables t WHERE 1 = 0 AND t.name IN ({{schemas}})
