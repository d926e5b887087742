-- purpose: notes what this database is, before the gates are moved
-- params: 1 mode, 2 epoch
-- returns: nothing
UPDATE sparesync.meta SET mode = @p1, epoch = CASE WHEN epoch < @p2 THEN @p2 ELSE epoch END
