-- purpose: lets a trigger of the application act again
-- params: none; {{table}}, {{name}}
-- returns: nothing
ALTER TABLE {{table}} ENABLE TRIGGER {{name}}
