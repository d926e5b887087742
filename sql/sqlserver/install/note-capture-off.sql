-- purpose: notes why nothing is journalled any more
-- params: 1 why
-- returns: nothing
UPDATE sparesync.meta SET capture_off_because = @p1
