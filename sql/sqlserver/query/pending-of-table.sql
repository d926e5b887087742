-- purpose: one line of the question which journals hold something
-- params: 1 limit of the count; {{n}}, {{journal}}
-- returns: n, pending
SELECT {{n}} AS n, (SELECT COUNT(*) FROM (SELECT TOP (@p1) 1 AS one FROM sparesync.{{journal}} j) limited) AS pending
