-- purpose: one line of the question which journals hold something, and a truncation among it
-- params: none; {{n}}, {{journal}}
-- returns: n, is_truncated; no row for an empty journal
SELECT {{n}} AS n, EXISTS (SELECT FROM sparesync.{{journal}} WHERE k1 IS NULL) AS is_truncated
WHERE EXISTS (SELECT FROM sparesync.{{journal}})
