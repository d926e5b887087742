-- purpose: notes where each table's rows and columns lie; one that was rewritten, or has a column of the same name in another place, gets another mark, and what was copied of it counts no more
-- params: 1 the new mark, 2 numbers of the tables, NULL for all
-- returns: nothing
WITH present AS (
  SELECT i.n, i.schema_name || '.' || i.table_name AS label, c.relfilenode AS file, jsonb_object_agg(a.attname, a.attnum) AS places,
    sum(hashtextextended(concat_ws('|', a.attname, a.xmin), 0))::text AS versions
  FROM sparesync.tables i
  JOIN pg_namespace s ON s.nspname = i.schema_name
  JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = i.table_name AND c.relkind = 'r'
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE $2::integer[] IS NULL OR i.n = ANY ($2::integer[])
  GROUP BY i.n, c.relfilenode
), rewritten AS (
  SELECT p.n, p.label FROM present p JOIN sparesync.tables i ON i.n = p.n
  -- VACUUM FULL, CLUSTER and TRUNCATE give a table another file; a change of a column's type, to the same one too, writes its column anew as well.
  WHERE (i.file <> p.file AND i.versions <> p.versions)
    OR EXISTS (SELECT FROM jsonb_each(i.places) o JOIN jsonb_each(p.places) q ON q.key = o.key AND q.value <> o.value)
), forgotten AS (
  DELETE FROM sparesync.copied d USING rewritten r WHERE d.table_label = r.label AND d.is_done
)
-- A column that is gone keeps its place here: one that comes under its name later is another one.
UPDATE sparesync.tables i SET file = p.file, versions = p.versions, places = coalesce(i.places, '{}') || p.places,
  mark = CASE WHEN r.n IS NULL THEN i.mark ELSE $1 || '-' || i.n END
FROM present p LEFT JOIN rewritten r ON r.n = p.n
WHERE i.n = p.n AND (i.file, i.versions, i.places) IS DISTINCT FROM (p.file, p.versions, coalesce(i.places, '{}') || p.places)
