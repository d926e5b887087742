-- purpose: the rights that installing and working need and this login lacks
-- params: 1 schemas
-- returns: missing, target
SELECT 'CREATE on the database' AS missing, current_database()::text AS target
WHERE NOT has_database_privilege(current_database(), 'CREATE') AND to_regnamespace('sparesync') IS NULL
UNION ALL
SELECT 'ownership (or membership of the role ' || pg_get_userbyid(c.relowner) || ')', n.nspname || '.' || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind = 'r' AND NOT pg_has_role(c.relowner, 'USAGE')
UNION ALL
SELECT 'USAGE on the schema', n.nspname FROM pg_namespace n WHERE n.nspname = ANY ($1::text[]) AND NOT has_schema_privilege(n.oid, 'USAGE')
UNION ALL
SELECT 'ownership', 'sparesync' FROM pg_namespace n WHERE n.nspname = 'sparesync' AND NOT pg_has_role(n.nspowner, 'USAGE')
UNION ALL
SELECT 'SELECT and UPDATE on the sequence', n.nspname || '.' || c.relname FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND NOT (has_sequence_privilege(s.seqrelid, 'SELECT') AND has_sequence_privilege(s.seqrelid, 'UPDATE'))
