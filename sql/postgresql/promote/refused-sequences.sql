-- purpose: the sequences that this login may not set
-- params: 1 schemas
-- returns: sequence (quoted)
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sequence
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND NOT has_sequence_privilege(s.seqrelid, 'UPDATE')
ORDER BY n.nspname, c.relname
