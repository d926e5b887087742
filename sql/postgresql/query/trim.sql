-- purpose: deletes exactly what the snapshot of the applied point saw
-- params: none; {{journal}}, {{snapshot}}
-- returns: nothing
DELETE FROM sparesync.{{journal}} WHERE pg_visible_in_snapshot(x, {{snapshot}}::pg_snapshot)
