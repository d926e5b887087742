-- purpose: takes the write gate off a table
-- params: none; {{table}}
-- returns: nothing
DROP TRIGGER IF EXISTS sparesync_gate ON {{table}}
