-- purpose: the sequences of SQL Server 2012 and up; continues query/fingerprint
-- params: the schemas; {{schemas}}
-- returns: a text that is another one as soon as there are others
+ '-' + CAST((SELECT ISNULL(SUM(CAST(CHECKSUM(q.object_id, q.name, SCHEMA_NAME(q.schema_id)) AS bigint)), 0)
    FROM sys.sequences q WHERE SCHEMA_NAME(q.schema_id) IN ({{schemas}})) AS varchar(30))
