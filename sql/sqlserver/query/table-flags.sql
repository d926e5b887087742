-- purpose: which of the newer columns sys.tables, sys.columns and sys.objects have on this server
-- params: none
-- returns: view_name, column_name
SELECT o.name AS view_name, c.name AS column_name
FROM sys.all_columns c JOIN sys.all_objects o ON o.object_id = c.object_id
WHERE o.name IN ('tables', 'columns', 'sequences') AND SCHEMA_NAME(o.schema_id) = 'sys'
  AND c.name IN ('is_memory_optimized', 'temporal_type', 'is_filetable', 'is_node', 'is_edge', 'ledger_type', 'is_external',
    'generated_always_type', 'is_column_set', 'current_value')
