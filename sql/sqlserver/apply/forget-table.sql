-- purpose: forgets what was copied of a table that is no longer synchronised
-- params: 1 label
-- returns: nothing
DELETE FROM sparesync.copied WHERE table_label = @p1
