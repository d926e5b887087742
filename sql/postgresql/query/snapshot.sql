-- purpose: the snapshot of this transaction; the first statement of a point
-- params: none
-- returns: snapshot
SELECT pg_current_snapshot() AS snapshot
