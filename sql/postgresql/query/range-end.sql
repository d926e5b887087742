-- purpose: where a range of so many rows ends; no row when the table ends before
-- params: the key before the range; {{table}}, {{keys}}, {{range}}, {{order}}, {{place}}
-- returns: what names the last row
SELECT {{keys}} FROM ONLY {{table}} t {{range}} ORDER BY {{order}} OFFSET {{place}} - 1 LIMIT 1
