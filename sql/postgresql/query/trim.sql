-- purpose: deletes exactly what the snapshot of the applied point saw; and what a restored dump brought from another cluster, whose transactions this one has not come to yet
-- params: none; {{journal}}, {{snapshot}}
-- returns: nothing
DELETE FROM sparesync.{{journal}}
WHERE pg_visible_in_snapshot(x, {{snapshot}}::pg_snapshot) OR x >= pg_snapshot_xmax(pg_current_snapshot())
