-- purpose: lets writers of one table in
-- params: none; {{table}}, {{trigger}}
-- returns: nothing
ALTER TABLE {{table}} DISABLE TRIGGER {{trigger}}
