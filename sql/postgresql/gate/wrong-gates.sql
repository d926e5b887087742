-- purpose: the tables whose write gate is not as a database in this mode has it, if this one is in it: closed on an open one, open on a standby
-- params: 1 mode
-- returns: n, schema, name
SELECT i.n, i.schema_name AS schema, i.table_name AS name
FROM pg_trigger g
JOIN pg_class c ON c.oid = g.tgrelid
JOIN pg_namespace s ON s.oid = c.relnamespace
JOIN sparesync.tables i ON i.schema_name = s.nspname AND i.table_name = c.relname
JOIN sparesync.meta m ON m.mode = $1
WHERE g.tgname = 'sparesync_gate' AND (g.tgenabled = 'D') = ($1 <> 'open')
ORDER BY i.n
