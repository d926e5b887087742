-- purpose: notes how to build an index again, in the transaction that drops it
-- params: 1 label of the table, 2 statement
-- returns: nothing
INSERT INTO sparesync.rebuilds (n, table_label, statement)
SELECT coalesce(max(n), 0) + 1, $1, $2 FROM sparesync.rebuilds
