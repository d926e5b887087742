-- purpose: Babelfish has no sys.dm_tran_locks: the locks of PostgreSQL underneath
-- params: 1 quoted name of the table
-- returns: session, prepared
SELECT DISTINCT l.pid AS session, CAST(NULL AS varchar(20)) AS prepared FROM pg_locks l
WHERE l.locktype = 'relation' AND l.granted AND l.relation = OBJECT_ID(@p1) AND l.pid <> pg_backend_pid()
