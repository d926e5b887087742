-- purpose: puts the rows of some images into a temporary table, numbered in the order of their images (script)
-- params: 1 first image, 2 image behind the last one; {{stage}}, {{table}}, {{image}}, {{names}}, {{values}}, {{end}}
-- returns: rows
INSERT INTO {{stage}} (n, image, place, {{names}})
SELECT ROW_NUMBER() OVER (ORDER BY s.image), s.image, ROW_NUMBER() OVER (PARTITION BY s.image ORDER BY s.image), {{names}}
FROM (SELECT {{image}} AS image, {{values}} FROM {{table}} t) s
WHERE s.image >= CAST(@p1 AS varbinary(20)) {{end}};
SELECT CAST(ISNULL(MAX(n), 0) AS varchar(20)) AS [rows] FROM {{stage}};
