-- purpose: one line of the question which journals hold something
-- params: 1 limit of the count; {{n}}, {{journal}}
-- returns: n, pending
SELECT {{n}} AS n, (SELECT count(*) FROM (SELECT FROM sparesync.{{journal}} LIMIT $1::bigint) limited) AS pending
