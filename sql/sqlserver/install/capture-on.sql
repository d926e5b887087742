-- purpose: notes that everything is journalled again
-- params: none
-- returns: nothing
UPDATE sparesync.meta SET capture_off_because = '' WHERE capture_off_because <> ''
