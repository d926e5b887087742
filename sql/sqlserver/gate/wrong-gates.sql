-- purpose: the tables whose write gate is not as a database in this mode has it, if this one is in it: closed on an open one, open on a standby
-- params: 1 mode
-- returns: n, schema, name
SELECT i.n, i.schema_name AS [schema], i.table_name AS name
FROM sparesync.tables i
JOIN sparesync.meta m ON m.mode = @p1
JOIN sys.tables t ON SCHEMA_NAME(t.schema_id) = i.schema_name AND t.name = i.table_name
JOIN sys.triggers g ON g.parent_id = t.object_id AND g.name = 'sparesync_gate_' + CAST(i.n AS varchar(10))
WHERE (m.mode = 'open' AND g.is_disabled = 0) OR (m.mode <> 'open' AND g.is_disabled = 1)
ORDER BY i.n
