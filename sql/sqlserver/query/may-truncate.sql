-- purpose: whether nothing forbids TRUNCATE: a foreign key of another table, an indexed view, replication, change data capture
-- params: 1 quoted name of the table
-- returns: may_truncate
SELECT CASE WHEN t.is_published = 1 OR t.is_replicated = 1 OR t.is_merge_published = 1 OR t.is_tracked_by_cdc = 1
    OR EXISTS (SELECT 1 FROM sys.foreign_keys f WHERE f.referenced_object_id = t.object_id AND f.parent_object_id <> t.object_id)
    OR EXISTS (SELECT 1 FROM sys.sql_expression_dependencies d JOIN sys.views v ON v.object_id = d.referencing_id
      JOIN sys.indexes i ON i.object_id = v.object_id WHERE d.referenced_id = t.object_id)
  THEN '0' ELSE '1' END AS may_truncate
FROM sys.tables t WHERE t.object_id = OBJECT_ID(@p1)
