-- purpose: deletes all rows; TRUNCATE would refuse where foreign keys point to the table
-- params: none; {{table}}
-- returns: nothing
DELETE FROM {{table}}
