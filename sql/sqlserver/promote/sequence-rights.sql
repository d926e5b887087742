-- purpose: the sequences that this login may not set
-- params: the schemas; {{schemas}}
-- returns: sequence (quoted)
SELECT o.name AS sequence FROM (
  SELECT QUOTENAME(SCHEMA_NAME(q.schema_id)) + '.' + QUOTENAME(q.name) AS name
  FROM sys.sequences q WHERE SCHEMA_NAME(q.schema_id) IN ({{schemas}})) o
WHERE HAS_PERMS_BY_NAME(o.name, 'OBJECT', 'ALTER') = 0 OR HAS_PERMS_BY_NAME(o.name, 'OBJECT', 'UPDATE') = 0
ORDER BY o.name
