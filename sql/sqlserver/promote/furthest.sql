-- purpose: the largest (or with a negative increment the smallest) value of a column
-- params: none; {{furthest}}, {{column}}, {{table}}
-- returns: value
SELECT CAST(CAST({{furthest}}({{column}}) AS decimal(38, 0)) AS varchar(40)) AS value FROM {{table}}
