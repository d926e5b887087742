-- purpose: Babelfish has no sys.allocation_units: the sizes of PostgreSQL underneath
-- params: none
-- returns: bytes
SELECT CAST(SUM(pg_total_relation_size(t.object_id)) AS varchar(30)) AS bytes
FROM sys.tables t WHERE SCHEMA_NAME(t.schema_id) = 'sparesync'
