-- purpose: another text as soon as a table, column, key, sequence or trigger of ours is another one
-- params: the schemas; {{schemas}}, {{sequenceObjects}}
-- returns: fingerprint
SELECT CAST((SELECT ISNULL(SUM(CAST(CHECKSUM(c.object_id, t.name, SCHEMA_NAME(t.schema_id), c.name, c.column_id, c.user_type_id,
      c.max_length, c.[precision], c.scale, c.collation_name, CAST(c.is_nullable AS int), CAST(c.is_identity AS int),
      CAST(c.is_computed AS int)) AS bigint)), 0)
    FROM sys.tables t JOIN sys.columns c ON c.object_id = t.object_id WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}})) AS varchar(30))
  + '-' + CAST((SELECT ISNULL(SUM(CAST(CHECKSUM(i.object_id, i.index_id, i.name, CAST(i.is_primary_key AS int), CAST(i.is_disabled AS int),
      ic.column_id, ic.key_ordinal) AS bigint)), 0)
    FROM sys.tables t JOIN sys.indexes i ON i.object_id = t.object_id AND i.is_unique = 1
    JOIN sys.index_columns ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id
    WHERE SCHEMA_NAME(t.schema_id) IN ({{schemas}})) AS varchar(30))
  + '-' + CAST((SELECT ISNULL(SUM(CAST(CHECKSUM(r.object_id, r.parent_id, r.name,
      CASE WHEN r.name LIKE 'sparesync[_]gate[_]%' THEN 0 ELSE CAST(r.is_disabled AS int) END) AS bigint)), 0)
    FROM sys.triggers r WHERE r.name LIKE 'sparesync[_]%') AS varchar(30))
  + '-' + ISNULL((SELECT m.history FROM sparesync.meta m), '')
  + '-' + CAST((SELECT ISNULL(SUM(CAST(CHECKSUM(i.n, i.schema_name, i.table_name, i.mark, i.shape) AS bigint)), 0)
    FROM sparesync.tables i) AS varchar(30)){{sequenceObjects}} AS fingerprint
