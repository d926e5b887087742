-- purpose: how many rows come before a place; of an image that has fewer rows now, all of them
-- params: 1 image, 2 rows with this image; {{stage}}
-- returns: rows
SELECT CAST(ISNULL(MAX(s.n), 0) AS varchar(20)) AS [rows] FROM {{stage}} s
WHERE s.image < CAST(@p1 AS varbinary(20)) OR (s.image = CAST(@p1 AS varbinary(20)) AND s.place <= CAST(@p2 AS bigint))
