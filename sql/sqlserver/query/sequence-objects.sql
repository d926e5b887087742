-- purpose: the sequences of SQL Server 2012 and up; continues query/sequences
-- params: the schemas; {{schemas}}
-- returns: schema, name, value
UNION ALL
SELECT SCHEMA_NAME(q.schema_id), q.name, CAST(CAST(q.current_value AS decimal(38, 0)) AS varchar(40))
FROM sys.sequences q WHERE SCHEMA_NAME(q.schema_id) IN ({{schemas}})
