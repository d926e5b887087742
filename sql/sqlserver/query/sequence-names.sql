-- purpose: the sequences of SQL Server 2012 and up; no column owns one
-- params: the schemas; {{schemas}}
-- returns: schema, name, owner_schema, owner_table
SELECT SCHEMA_NAME(q.schema_id) AS [schema], q.name AS name, NULL AS owner_schema, NULL AS owner_table
FROM sys.sequences q WHERE SCHEMA_NAME(q.schema_id) IN ({{schemas}}) ORDER BY SCHEMA_NAME(q.schema_id), q.name
