-- purpose: how large rows are, by their numbers
-- params: 1 number before the first one, 2 last number; {{stage}}, {{bytes}}
-- returns: bytes
SELECT CAST({{bytes}} AS varchar(20)) AS bytes FROM {{stage}} s WHERE s.n > @p1 AND s.n <= @p2 ORDER BY s.n
