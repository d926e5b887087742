-- purpose: what of the tables, besides their columns, refuses a write, goes on with it or fills it in: unique indexes, CHECKs, exclusions, foreign keys, defaults, triggers that act
-- params: the schemas; {{schemas}}
-- returns: schema, name, kind, constraint_name, says (without the name), part (one row for each column that it is about; NULL where `says` tells of them), points_schema, points_name
SELECT n.nspname AS schema, c.relname AS name, k.kind, k.constraint_name, k.says, k.part,
  pn.nspname AS points_schema, p.relname AS points_name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT 'unique' AS kind, i.relname AS constraint_name,
    CASE WHEN to_jsonb(x) ->> 'indnullsnotdistinct' = 'true' THEN ' NULLS NOT DISTINCT' ELSE '' END
      || CASE WHEN x.indimmediate THEN '' ELSE ' DEFERRABLE' END || coalesce(' WHERE ' || pg_get_expr(x.indpred, x.indrelid), '') AS says,
    pg_get_indexdef(x.indexrelid, k.position::integer, false)
      || CASE WHEN x.indcollation[k.position - 1] NOT IN (0, coalesce(a.attcollation, 'pg_catalog."default"'::regcollation)) THEN ' COLLATE ' || x.indcollation[k.position - 1]::regcollation ELSE '' END
      || CASE WHEN o.opcdefault THEN '' ELSE ' ' || quote_ident(o.opcname) END AS part, NULL::oid AS points
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
  CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k(attnum, position)
  JOIN pg_opclass o ON o.oid = x.indclass[k.position - 1]
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum > 0
  WHERE x.indrelid = c.oid AND x.indisunique AND x.indisready AND k.position <= x.indnkeyatts
  UNION ALL
  SELECT CASE k.contype WHEN 'c' THEN 'check' WHEN 'x' THEN 'exclusion' ELSE 'foreign-key' END, k.conname,
    regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''), NULL, nullif(k.confrelid, 0)
  FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('c', 'x', 'f')
  UNION ALL
  SELECT 'default', a.attname, 'DEFAULT ' || pg_get_expr(f.adbin, f.adrelid), NULL, NULL
  FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
  WHERE f.adrelid = c.oid AND a.attgenerated = '' AND NOT a.attisdropped
  UNION ALL
  SELECT 'trigger', g.tgname, 'TRIGGER ' || quote_ident(g.tgname), NULL, NULL
  FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A') AND g.tgname NOT LIKE 'sparesync\_%') k
LEFT JOIN pg_class p ON p.oid = k.points LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE n.nspname IN ({{schemas}}) AND c.relkind = 'r'
ORDER BY n.nspname, c.relname, k.kind, k.constraint_name
