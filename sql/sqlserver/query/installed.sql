-- purpose: the journalled tables and whether their triggers are there and work
-- params: none
-- returns: n, schema, name, key_shape, mark, shape, capture_triggers, gate
SELECT i.n, i.schema_name AS [schema], i.table_name AS name, i.key_shape, i.mark, i.shape,
  CASE WHEN c.is_disabled = 0 AND OBJECT_ID('sparesync.j_' + CAST(i.n AS varchar(10))) IS NOT NULL THEN 1 ELSE 0 END AS capture_triggers,
  CASE WHEN g.is_disabled = 0 THEN 'closed' WHEN g.is_disabled = 1 THEN 'open' ELSE 'missing' END AS gate
FROM sparesync.tables i
LEFT JOIN sys.tables t ON SCHEMA_NAME(t.schema_id) = i.schema_name AND t.name = i.table_name
LEFT JOIN sys.triggers c ON c.parent_id = t.object_id AND c.name = 'sparesync_capture_' + CAST(i.n AS varchar(10))
LEFT JOIN sys.triggers g ON g.parent_id = t.object_id AND g.name = 'sparesync_gate_' + CAST(i.n AS varchar(10))
ORDER BY i.n
