-- purpose: empties a table that nothing refers to, at once
-- params: none; {{table}}
-- returns: nothing
TRUNCATE TABLE {{table}}
