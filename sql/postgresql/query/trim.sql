-- purpose: deletes exactly what the snapshot of the applied point saw
-- params: $1 snapshot; {{journal}}
-- returns: nothing
DELETE FROM sparesync.{{journal}} WHERE pg_visible_in_snapshot(x, $1::pg_snapshot)
