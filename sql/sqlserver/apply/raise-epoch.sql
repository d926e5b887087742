-- purpose: refuses older epochs from now on
-- params: 1 epoch
-- returns: nothing
UPDATE sparesync.meta SET epoch = @p1 WHERE epoch < @p1
