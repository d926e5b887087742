-- purpose: marks of the journalled tables, and of the tables copied here as a whole
-- params: none
-- returns: label, mark, shape (JSON, own ones only), is_own, is_held (own ones only)
SELECT i.schema_name + '.' + i.table_name AS label, i.mark, i.shape, 1 AS is_own,
  CASE WHEN i.held_mark = i.mark THEN 1 ELSE 0 END AS is_held
FROM sparesync.tables i
UNION ALL SELECT c.table_label, c.mark, NULL, 0, NULL FROM sparesync.copied c WHERE c.is_done = 1
