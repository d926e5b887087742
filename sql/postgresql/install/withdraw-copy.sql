-- purpose: nobody waits for a copy of everything any more
-- params: none
-- returns: nothing
UPDATE sparesync.meta SET is_copy_requested = false
