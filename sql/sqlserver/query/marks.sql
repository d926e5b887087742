-- purpose: marks of the journalled tables, and of the tables copied here as a whole
-- params: none
-- returns: label, mark, shape (JSON, own ones only), is_own
SELECT i.schema_name + '.' + i.table_name AS label, i.mark, i.shape, 1 AS is_own FROM sparesync.tables i
UNION ALL SELECT c.table_label, c.mark, NULL, 0 FROM sparesync.copied c WHERE c.is_done = 1
