-- purpose: a run of rows by their numbers
-- params: 1 number before the first one, 2 last number; {{stage}}, {{columns}}
-- returns: copied columns
SELECT {{columns}} FROM {{stage}} s WHERE s.n > @p1 AND s.n <= @p2 ORDER BY s.n
