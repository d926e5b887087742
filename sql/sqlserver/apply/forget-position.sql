-- purpose: forgets the position: the content is no longer the source's
-- params: none
-- returns: nothing
DELETE FROM sparesync.applied
