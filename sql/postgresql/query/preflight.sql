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
