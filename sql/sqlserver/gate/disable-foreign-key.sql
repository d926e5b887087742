-- purpose: silences a foreign key, with its cascades
-- params: none; {{table}}, {{name}}
-- returns: nothing
ALTER TABLE {{table}} NOCHECK CONSTRAINT {{name}}
