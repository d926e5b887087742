-- purpose: where a range of so many rows ends; no row when the table ends before
-- params: the key before the range; {{table}}, {{keys}}, {{after}}, {{order}}, {{offset}}
-- returns: what names the last row
SELECT {{keys}} FROM ONLY {{table}} t {{after}} ORDER BY {{order}} OFFSET {{offset}} LIMIT 1
