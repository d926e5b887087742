-- purpose: silences a trigger of the application
-- params: none; {{table}}, {{name}}
-- returns: nothing
ALTER TABLE {{table}} DISABLE TRIGGER {{name}}
