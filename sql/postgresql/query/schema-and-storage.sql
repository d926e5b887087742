-- purpose: another text as soon as a table, column, key, enumeration, domain, sequence, constraint, default or trigger is another one
-- params: the schemas; {{schemas}}
-- returns: fingerprint; stored: another text as well as soon as rows or columns are stored anew
SELECT concat_ws('-', o.fingerprint,
  (SELECT sum(hashtextextended(concat_ws('|', i.relname, x.indrelid, x.indkey::text, x.indisprimary, x.indisvalid, x.indimmediate, x.indexprs::text, x.indpred::text), 0))
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ({{schemas}}) AND x.indisunique),
  (SELECT sum(hashtextextended(concat_ws('|', g.oid, g.tgrelid, g.tgname, CASE WHEN g.tgname = 'sparesync_gate' THEN '' ELSE g.tgenabled::text END), 0))
    FROM pg_trigger g WHERE g.tgname LIKE 'sparesync\_%'),
  (SELECT sum(hashtextextended(concat_ws('|', t.oid, t.typname, t.typnamespace, e.enumlabel, e.enumsortorder), 0))
    FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid),
  (SELECT sum(hashtextextended(concat_ws('|', t.oid, t.typname, t.typnamespace, t.typnotnull, k.conname, k.oid), 0))
    FROM pg_type t LEFT JOIN pg_constraint k ON k.contypid = t.oid WHERE t.typtype = 'd'),
  (SELECT sum(hashtextextended(concat_ws('|', s.oid, s.relname, n.nspname), 0))
    FROM pg_class s JOIN pg_namespace n ON n.oid = s.relnamespace WHERE s.relkind = 'S' AND n.nspname IN ({{schemas}})),
  (SELECT sum(hashtextextended(concat_ws('|', f.oid, f.adrelid, f.adnum), 0)) FROM pg_attrdef f
    JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
    JOIN pg_class c ON c.oid = f.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ({{schemas}})),
  (SELECT sum(hashtextextended(concat_ws('|', k.oid, k.conname), 0))
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ({{schemas}}) AND k.contype IN ('c', 'x', 'f')),
  (SELECT sum(hashtextextended(concat_ws('|', g.oid, g.tgname, g.tgenabled), 0))
    FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ({{schemas}}) AND NOT g.tgisinternal AND g.tgname NOT LIKE 'sparesync\_%'),
  (SELECT m.history FROM sparesync.meta m),
  (SELECT sum(hashtextextended(concat_ws('|', i.schema_name, i.table_name, i.mark, i.shape), 0)) FROM sparesync.tables i)) AS fingerprint, o.stored
FROM (
  SELECT sum(hashtextextended(concat_ws('|', c.oid, c.relname, c.relkind, c.relpersistence,
      c.relispartition, EXISTS (SELECT FROM pg_inherits h WHERE c.oid IN (h.inhparent, h.inhrelid)), n.nspname, a.attname, a.attnum, a.atttypid,
      a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated, a.attcollation), 0)) AS fingerprint,
    sum(hashtextextended(concat_ws('|', c.oid, c.relfilenode, a.attname, a.attnum, a.xmin), 0)) AS stored
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname IN ({{schemas}}) AND c.relkind IN ('r', 'p')) o
