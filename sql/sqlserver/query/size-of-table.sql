-- purpose: bytes of the rows of a table, without its other indexes
-- params: 1 quoted name
-- returns: bytes
SELECT CAST(ISNULL(SUM(a.used_pages), 0) * 8192 AS varchar(30)) AS bytes
FROM sys.partitions p JOIN sys.allocation_units a ON a.container_id IN (p.hobt_id, p.partition_id)
WHERE p.object_id = OBJECT_ID(@p1) AND p.index_id < 2
