-- purpose: bytes of all journals together
-- params: none
-- returns: bytes
SELECT CAST(SUM(a.used_pages) * 8192 AS varchar(30)) AS bytes
FROM sys.tables t JOIN sys.partitions p ON p.object_id = t.object_id JOIN sys.allocation_units a ON a.container_id = p.partition_id
WHERE SCHEMA_NAME(t.schema_id) = 'sparesync'
