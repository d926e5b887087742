-- purpose: the triggers of one journalled table, wherever the table has been moved to
-- params: @p1 capture trigger, @p2 gate trigger
-- returns: schema, name
SELECT SCHEMA_NAME(t.schema_id) AS [schema], r.name AS name
FROM sys.triggers r JOIN sys.tables t ON t.object_id = r.parent_id
WHERE r.name IN (@p1, @p2)
