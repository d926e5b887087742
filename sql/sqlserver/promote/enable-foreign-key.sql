-- purpose: lets a foreign key act again on new rows, at once
-- params: none; {{table}}, {{name}}
-- returns: nothing
ALTER TABLE {{table}} WITH NOCHECK CHECK CONSTRAINT {{name}}
