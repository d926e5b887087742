-- purpose: notes of a target that was a source and follows no other one yet that a table which is journalled only now held rows, for nobody can tell which of them the other server has (script)
-- params: none; {{n}}, {{table}}
-- returns: nothing
UPDATE sparesync.meta m SET capture_off_because = left(concat_ws('; ', nullif(m.capture_off_because, ''),
  (SELECT i.schema_name || '.' || i.table_name FROM sparesync.tables i WHERE i.n = {{n}}) || ': it held rows before it was journalled here'), 2000)
WHERE m.mode = 'standby' AND m.has_been_source AND EXISTS (SELECT FROM ONLY {{table}})
  -- What was applied before a promotion of its own is that of the source before.
  AND NOT EXISTS (SELECT FROM sparesync.applied a WHERE a.history <> m.parent_history)
