-- purpose: marks this database as one that was a source
-- params: none
-- returns: nothing
UPDATE sparesync.meta SET has_been_source = 1 WHERE has_been_source = 0
