-- purpose: the snapshot of this transaction, with which a point begins, and the journals that hold something in it
-- params: none; {{journals}}
-- returns: snapshot, n, is_truncated, is_large; one row without n where nothing waits
SELECT pg_current_snapshot() AS snapshot, j.n, j.is_truncated, j.is_large FROM (SELECT) one LEFT JOIN ({{journals}}) j ON true
