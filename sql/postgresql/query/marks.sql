-- purpose: marks of the journalled tables, and of the tables copied here as a whole
-- params: none
-- returns: label, mark, shape (JSON, own ones only), is_own, is_held (own ones only)
SELECT i.schema_name || '.' || i.table_name AS label, i.mark, i.shape, true AS is_own, i.held_mark IS NOT DISTINCT FROM i.mark AS is_held
FROM sparesync.tables i
UNION ALL SELECT c.table_label, c.mark, NULL, false, NULL FROM sparesync.copied c WHERE c.is_done
