-- purpose: the key at which a range of so many rows ends; none when there are fewer
-- params: the key before the range; {{table}}, {{keys}}, {{range}}, {{order}}, {{place}}
-- returns: what names the last row
SELECT x.* FROM (
  SELECT TOP ({{place}}) {{keys}}, ROW_NUMBER() OVER (ORDER BY {{order}}) AS place FROM {{table}} t {{range}} ORDER BY {{order}}
) x WHERE x.place = {{place}}
