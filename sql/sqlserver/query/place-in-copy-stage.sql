-- purpose: what names a row by its number: its image, and how many rows with that image there are up to it
-- params: 1 number; {{stage}}
-- returns: image, place
SELECT s.image, CAST(s.place AS varchar(20)) AS place FROM {{stage}} s WHERE s.n = @p1
