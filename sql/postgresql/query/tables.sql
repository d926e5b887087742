-- purpose: all tables of the schemas with their columns and the key that identifies a row; no index that takes other values for equal than their type does
-- params: 1 schemas
-- returns: schema, name, release (of the server), kind, persistence, is_partition, is_inherited, columns (JSON), expressions (JSON: of its generated columns), types (JSON: the enumerations and domains in its columns, with their rules), key_columns (JSON), key_operators (JSON: of each column the key's own, or null where those of the system are meant)
SELECT n.nspname AS schema, c.relname AS name, current_setting('server_version_num')::integer / 10000 AS release, c.relkind AS kind, c.relpersistence AS persistence,
  c.relispartition AS is_partition,
  EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid OR i.inhrelid = c.oid) AS is_inherited,
  (SELECT coalesce(json_agg(json_build_object(
      'name', a.attname,
      'type', format_type(a.atttypid, a.atttypmod),
      'baseType', (
        WITH RECURSIVE under AS (
          SELECT a.atttypid AS type, a.atttypmod AS modifier
          UNION ALL
          SELECT d.typbasetype, d.typtypmod FROM under JOIN pg_type d ON d.oid = under.type AND d.typtype = 'd'
        )
        SELECT format_type(under.type, under.modifier) FROM under JOIN pg_type b ON b.oid = under.type AND b.typtype <> 'd'
      ),
      'collation', coalesce((SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
        FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
        WHERE co.oid = a.attcollation AND co.collname <> 'default'), ''),
      'isNotNull', a.attnotnull,
      'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by-default' ELSE '' END,
      'isGenerated', a.attgenerated <> '') ORDER BY a.attnum), '[]'::json)
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'says', pg_get_expr(f.adbin, f.adrelid))), '[]'::json)
    FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
    WHERE f.adrelid = c.oid AND a.attgenerated <> '') AS expressions,
  (WITH RECURSIVE used AS (
      SELECT a.atttypid AS type FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      UNION
      SELECT part.type FROM used JOIN pg_type t ON t.oid = used.type
      CROSS JOIN LATERAL (
        SELECT t.typbasetype AS type UNION ALL SELECT t.typelem
        UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = t.oid
        UNION ALL SELECT m.atttypid FROM pg_attribute m WHERE m.attrelid = t.typrelid AND m.attnum > 0 AND NOT m.attisdropped) part
      WHERE part.type <> 0
    )
    SELECT coalesce(json_agg(json_build_object('name', format_type(t.oid, NULL), 'says', CASE t.typtype
      WHEN 'e' THEN 'enum ' || coalesce((SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
        FROM pg_enum e WHERE e.enumtypid = t.oid), '')
      ELSE 'domain over ' || format_type(t.typbasetype, t.typtypmod) || CASE WHEN t.typnotnull THEN ' not null' ELSE '' END
        || coalesce((SELECT string_agg(' check ' || quote_ident(k.conname), '' ORDER BY k.conname)
          FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '') END,
      'rules', (SELECT coalesce(json_agg(json_build_object('name', k.conname, 'says', pg_get_constraintdef(k.oid))), '[]'::json)
        FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))), '[]'::json)
    FROM used JOIN pg_type t ON t.oid = used.type WHERE t.typtype IN ('d', 'e')) AS types,
  key.columns AS key_columns, key.operators AS key_operators
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
  SELECT json_agg(a.attname ORDER BY k.position) AS columns, json_agg(own.operators ORDER BY k.position) AS operators
    FROM (SELECT x.indexrelid, x.indkey, x.indclass, x.indnkeyatts FROM pg_index x
      WHERE x.indrelid = c.oid AND x.indisunique AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL
        AND NOT EXISTS (SELECT FROM unnest(x.indkey) WITH ORDINALITY AS p(attnum, position)
          JOIN pg_attribute pa ON pa.attrelid = c.oid AND pa.attnum = p.attnum
          WHERE p.position <= x.indnkeyatts AND NOT pa.attnotnull)
        AND NOT EXISTS (SELECT FROM unnest(x.indkey) WITH ORDINALITY AS p(attnum, position)
          JOIN pg_attribute pa ON pa.attrelid = c.oid AND pa.attnum = p.attnum
          JOIN pg_opclass used ON used.oid = x.indclass[p.position - 1]
          CROSS JOIN LATERAL (
            WITH RECURSIVE under AS (
              SELECT pa.atttypid AS type
              UNION ALL SELECT d.typbasetype FROM under JOIN pg_type d ON d.oid = under.type AND d.typtype = 'd'
            )
            SELECT under.type FROM under JOIN pg_type b ON b.oid = under.type AND b.typtype <> 'd') base
          JOIN pg_opclass usual ON usual.opcintype = base.type AND usual.opcmethod = used.opcmethod AND usual.opcdefault
          JOIN pg_amop u ON u.amopfamily = used.opcfamily AND u.amoplefttype = used.opcintype
            AND u.amoprighttype = used.opcintype AND u.amopstrategy = 3
          JOIN pg_amop v ON v.amopfamily = usual.opcfamily AND v.amoplefttype = usual.opcintype
            AND v.amoprighttype = usual.opcintype AND v.amopstrategy = 3
          WHERE p.position <= x.indnkeyatts AND u.amopopr <> v.amopopr)
      ORDER BY x.indisprimary DESC, x.indimmediate DESC, x.indnkeyatts, x.indexrelid LIMIT 1) best
    CROSS JOIN LATERAL unnest(best.indkey) WITH ORDINALITY AS k(attnum, position)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
    JOIN pg_opclass class ON class.oid = best.indclass[k.position - 1]
    LEFT JOIN LATERAL (
      SELECT json_agg(format('OPERATOR(%I.%s)', s.nspname, o.oprname) ORDER BY m.amopstrategy) AS operators
      FROM pg_amop m JOIN pg_operator o ON o.oid = m.amopopr JOIN pg_namespace s ON s.oid = o.oprnamespace
      WHERE m.amopfamily = class.opcfamily AND m.amoplefttype = class.opcintype AND m.amoprighttype = class.opcintype
      HAVING NOT bool_or(m.amopstrategy = 3 AND o.oprname = '=' AND s.nspname = 'pg_catalog')) own ON true
    WHERE k.position <= best.indnkeyatts) key ON true
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname
