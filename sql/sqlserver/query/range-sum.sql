-- purpose: number and checksum of the rows of a range; the same on both sides when the rows are
-- params: the keys before and at the end of the range; {{table}}, {{hash}}, {{range}}
-- returns: rows, sum
SELECT CAST(COUNT_BIG(*) AS varchar(20)) AS [rows], ISNULL(CAST(SUM({{hash}}) AS varchar(60)), '0') AS [sum] FROM {{table}} t {{range}}
