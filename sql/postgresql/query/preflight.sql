-- purpose: what an administrator should know before installing
-- params: the schemas; {{schemas}}
-- returns: what, target
SELECT 'session_replication_role' AS what, coalesce(string_agg(DISTINCT r.rolname, ', '), '') AS target
FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole
WHERE EXISTS (SELECT FROM unnest(s.setconfig) c WHERE c LIKE 'session_replication_role=%' AND c NOT LIKE '%=origin') HAVING count(*) > 0
UNION ALL
SELECT 'row security', n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ({{schemas}}) AND c.relkind = 'r' AND c.relforcerowsecurity
UNION ALL
SELECT 'large object', '' FROM pg_largeobject_metadata HAVING count(*) > 0
UNION ALL
SELECT 'foreign table', n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ({{schemas}}) AND c.relkind = 'f'
UNION ALL
SELECT 'materialized view', n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ({{schemas}}) AND c.relkind = 'm'
UNION ALL
SELECT 'ending sessions', current_user::text WHERE NOT pg_has_role('pg_signal_backend', 'USAGE')
UNION ALL
SELECT 'acting ' || CASE g.tgenabled WHEN 'A' THEN 'always' ELSE 'replica' END, n.nspname || '.' || c.relname
FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ({{schemas}}) AND g.tgenabled IN ('A', 'R') AND NOT g.tgisinternal AND g.tgname NOT LIKE 'sparesync\_%'
UNION ALL
SELECT 'subscription', n.nspname || '.' || c.relname
FROM pg_subscription_rel r JOIN pg_class c ON c.oid = r.srrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ({{schemas}})
UNION ALL
SELECT 'extension', n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ({{schemas}}) AND c.relkind IN ('r', 'p')
  AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'schema', n.nspname FROM pg_namespace n
WHERE n.nspname NOT IN ({{schemas}}) AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'sparesync')
  AND EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
UNION ALL
SELECT 'encoding', '' WHERE getdatabaseencoding() = 'SQL_ASCII'
