-- purpose: indexes of a table that a load is quicker without, and that can be had back exactly as they were
-- params: 1 schema, 2 table
-- returns: drop_statement, create_statement
SELECT
  CASE WHEN k.oid IS NULL THEN format('DROP INDEX %I.%I', n.nspname, i.relname)
    ELSE format('ALTER TABLE %I.%I DROP CONSTRAINT %I', n.nspname, c.relname, k.conname) END AS drop_statement,
  CASE WHEN k.oid IS NULL THEN pg_get_indexdef(x.indexrelid)
    ELSE format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)) END AS create_statement
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class c ON c.oid = x.indrelid AND c.relkind = 'r'
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.conrelid = c.oid AND k.contype = 'p'
WHERE n.nspname = $1 AND c.relname = $2
  AND CASE WHEN x.indisprimary THEN k.oid IS NOT NULL ELSE NOT x.indisunique AND NOT x.indisexclusion END
  AND x.indisvalid AND NOT x.indisclustered AND NOT x.indisreplident AND i.reltablespace = 0 AND i.reloptions IS NULL
  AND pg_has_role(c.relowner, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE')
  AND NOT EXISTS (SELECT FROM pg_description d WHERE (d.classoid, d.objoid) IN (('pg_class'::regclass, i.oid), ('pg_constraint'::regclass, k.oid)))
  AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.oid AND coalesce(a.attstattarget, -1) >= 0)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.oid AND d.deptype IN ('e', 'x'))
  AND NOT EXISTS (SELECT FROM pg_depend d
    WHERE (d.refclassid, d.refobjid) IN (('pg_class'::regclass, i.oid), ('pg_constraint'::regclass, k.oid))
      AND NOT (d.classid = 'pg_class'::regclass AND d.objid = i.oid))
ORDER BY x.indisprimary DESC, i.relname
