-- purpose: forgets how far tables were copied
-- params: none
-- returns: nothing
DELETE FROM sparesync.copied
