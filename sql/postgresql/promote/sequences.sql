-- purpose: the sequences with the column they fill and what the source said of them
-- params: 1 schemas
-- returns: sequence (quoted), increment, owner_schema, owner_table, owner_column, shipped
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sequence, s.seqincrement AS increment,
  tn.nspname AS owner_schema, t.relname AS owner_table, a.attname AS owner_column, q.value AS shipped
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
  AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
LEFT JOIN pg_class t ON t.oid = d.refobjid LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
LEFT JOIN sparesync.sequences q ON q.schema_name = n.nspname AND q.sequence_name = c.relname
WHERE n.nspname = ANY ($1::text[])
