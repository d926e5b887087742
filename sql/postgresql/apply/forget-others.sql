-- purpose: forgets what was copied of tables that are no longer among these
-- params: 1 labels
-- returns: nothing
DELETE FROM sparesync.copied WHERE NOT table_label = ANY ($1::text[])
