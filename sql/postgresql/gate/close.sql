-- purpose: refuses writers of one table; returns when no transaction that has written to it is open
-- params: none; {{table}}, {{trigger}}
-- returns: nothing
ALTER TABLE {{table}} ENABLE TRIGGER {{trigger}}
