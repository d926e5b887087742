-- purpose: indexes that a copy has set aside and that are to be built again
-- params: none
-- returns: n, table_label, statement
SELECT n, table_label, statement FROM sparesync.rebuilds ORDER BY n
