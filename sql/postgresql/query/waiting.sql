-- purpose: the snapshot of this transaction, with which a point begins, where the database is with its target, and the journals that hold something
-- params: none; {{journals}}
-- returns: snapshot, history, shipped_point, n, is_truncated, is_large; one row without n where nothing waits
SELECT pg_current_snapshot() AS snapshot, m.history, m.shipped_point, j.n, j.is_truncated, j.is_large
FROM sparesync.meta m LEFT JOIN ({{journals}}) j ON true
