-- purpose: takes the write gate of one table away; its writers are let in, whatever this database is
-- params: none; {{table}}
-- returns: nothing
DROP TRIGGER IF EXISTS sparesync_gate ON {{table}}
