-- purpose: one line of the question how large the journals are
-- params: none; {{n}}, {{journal}}
-- returns: n, bytes, row_bytes (of an average row, by some of them; null of an empty journal)
SELECT {{n}} AS n, pg_total_relation_size('sparesync.{{journal}}') AS bytes,
  (SELECT avg(pg_column_size(j.*)) FROM (SELECT * FROM sparesync.{{journal}} LIMIT 100) j) AS row_bytes
