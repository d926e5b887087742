-- purpose: the tables that have a write gate, by whatever name they go now
-- params: none
-- returns: schema, name
SELECT s.nspname AS schema, c.relname AS name
FROM pg_trigger g
JOIN pg_class c ON c.oid = g.tgrelid
JOIN pg_namespace s ON s.oid = c.relnamespace
WHERE g.tgname = 'sparesync_gate' AND NOT g.tgisinternal
ORDER BY s.nspname, c.relname
