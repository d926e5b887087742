-- purpose: lets writers of one table in
-- params: none; {{table}}
-- returns: nothing
ALTER TABLE {{table}} DISABLE TRIGGER sparesync_gate
