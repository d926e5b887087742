-- purpose: takes a staging table away
-- params: none; {{stage}}
-- returns: nothing
DROP TABLE {{stage}}
