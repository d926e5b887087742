-- purpose: Babelfish has no sys.allocation_units: the size of PostgreSQL underneath
-- params: 1 quoted name
-- returns: bytes
SELECT CAST(pg_table_size(OBJECT_ID(@p1)) AS varchar(30)) AS bytes
