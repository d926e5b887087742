-- purpose: one line of the question which journals hold something, and a truncation among it
-- params: none; {{n}}, {{journal}}
-- returns: n, is_truncated, is_large (much may wait in it); no row for an empty journal
SELECT {{n}} AS n, EXISTS (SELECT FROM sparesync.{{journal}} WHERE k1 IS NULL) AS is_truncated,
  pg_relation_size('sparesync.{{journal}}'::regclass) > 1048576 AS is_large
WHERE EXISTS (SELECT FROM sparesync.{{journal}})
