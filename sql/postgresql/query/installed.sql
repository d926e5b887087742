-- purpose: the journalled tables and whether their own triggers are there and work; a table that took over another's name brings that one's along
-- params: none
-- returns: n, schema, name, key_shape, mark, shape, capture_triggers, gate
SELECT i.n, i.schema_name AS schema, i.table_name AS name, i.key_shape, i.mark, i.shape,
  (SELECT count(*) FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid AND p.pronamespace = 'sparesync'::regnamespace
    WHERE g.tgrelid = c.oid AND g.tgenabled = 'O' AND (g.tgname, p.proname) IN (('sparesync_insert', 'note_new_' || i.n),
      ('sparesync_update', 'note_new_' || i.n), ('sparesync_delete', 'note_old_' || i.n), ('sparesync_moved', 'note_moved_' || i.n),
      ('sparesync_truncate', 'note_truncate_' || i.n))) AS capture_triggers,
  coalesce((SELECT CASE g.tgenabled WHEN 'D' THEN 'open' ELSE 'closed' END
    FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgname = 'sparesync_gate'), 'missing') AS gate
FROM sparesync.tables i
LEFT JOIN pg_namespace s ON s.nspname = i.schema_name
LEFT JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = i.table_name AND c.relkind = 'r'
ORDER BY i.n
