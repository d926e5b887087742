-- purpose: forgets what an earlier point saw
-- params: none
-- returns: nothing
DELETE FROM sparesync.seen
