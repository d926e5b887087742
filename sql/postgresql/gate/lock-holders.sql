-- purpose: who holds tables in one of these ways, and what to do about it: a writer's transaction is over when it is ended, a maintenance statement when it is cancelled, autovacuum gives way by itself
-- params: 1 quoted names of the tables, 2 modes of locks
-- returns: session, prepared, kind (writer, maintenance, autovacuum), is_of_rows (no statement of maintenance holds a table so), held (for people; no text of a statement)
SELECT l.pid AS session, p.gid AS prepared,
  CASE WHEN l.pid IS NOT NULL AND a.usesysid IS NULL THEN 'autovacuum'
    WHEN bool_and(l.mode = 'ShareUpdateExclusiveLock') AND coalesce(a.state, 'active') NOT LIKE 'idle%' THEN 'maintenance'
    ELSE 'writer' END AS kind, bool_and(l.mode IN ('RowShareLock', 'RowExclusiveLock')) AS is_of_rows,
  format('%s by %s', string_agg(DISTINCT l.relation::regclass::text, ', '), CASE WHEN l.pid IS NULL THEN 'the prepared transaction ' || coalesce(p.gid, 'unknown')
    ELSE 'session ' || l.pid || ' (' || concat_ws(', ', nullif(a.application_name, ''), 'role ' || a.usename, nullif(a.state, 'active'),
      upper(substring(nullif(a.query, '<insufficient privilege>') FROM '^\s*(\w+)')), 'since ' || date_trunc('second', a.xact_start)) || ')' END) AS held
FROM pg_locks l
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
LEFT JOIN pg_locks x ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid'
  AND x.virtualtransaction = l.virtualtransaction
LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
WHERE l.locktype = 'relation' AND l.granted AND l.relation IN (SELECT t::regclass FROM unnest($1::text[]) t)
  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  AND l.mode = ANY ($2::text[]) AND l.pid IS DISTINCT FROM pg_backend_pid()
GROUP BY l.pid, p.gid, a.usesysid, a.usename, a.state, a.application_name, a.query, a.xact_start
ORDER BY a.xact_start
