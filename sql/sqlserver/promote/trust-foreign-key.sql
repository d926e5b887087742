-- purpose: checks all rows, so that the optimiser trusts the foreign key again
-- params: none; {{table}}, {{name}}
-- returns: nothing
ALTER TABLE {{table}} WITH CHECK CHECK CONSTRAINT {{name}}
