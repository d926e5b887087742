-- purpose: empties a journal whose keys the new source has taken over
-- params: none; {{journal}}
-- returns: nothing
DELETE FROM sparesync.{{journal}}
