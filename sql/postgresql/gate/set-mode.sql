-- purpose: notes what this database is, before the gates are moved
-- params: 1 mode, 2 epoch
-- returns: nothing
UPDATE sparesync.meta SET mode = $1, epoch = greatest(epoch, $2::bigint)
