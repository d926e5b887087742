-- purpose: number and checksum of the rows of a range; the same on both sides when the rows are
-- params: the keys before and at the end of the range; {{table}}, {{hash}}, {{range}}
-- returns: rows, sum
SELECT count(*) AS rows, coalesce(sum({{hash}}), 0)::text AS sum FROM ONLY {{table}} t {{range}}
