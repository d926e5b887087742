-- purpose: empties tables at once; refused where a foreign key of another table points to one of them
-- params: none; {{tables}}
-- returns: nothing
TRUNCATE ONLY {{tables}}
