-- purpose: all tables of the schemas with what decides whether they can be synchronised
-- params: the schemas; {{schemas}}, {{flags}}
-- returns: schema, name, is_memory_optimized, temporal_type, is_filetable, is_node, is_edge, ledger_type, is_external
SELECT SCHEMA_NAME(t.schema_id) AS [schema], t.name AS name, {{flags}}
FROM sys.tables t
WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}}) AND t.is_ms_shipped = 0
ORDER BY SCHEMA_NAME(t.schema_id), t.name
