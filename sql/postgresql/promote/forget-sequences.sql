-- purpose: forgets what the source said of its sequences: from here on it is this database that moves them
-- params: none
-- returns: nothing
DELETE FROM sparesync.sequences
