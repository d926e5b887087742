-- purpose: asks for a copy of everything
-- params: none
-- returns: nothing
UPDATE sparesync.meta SET is_copy_requested = 1
