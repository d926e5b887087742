-- purpose: notes of a target that was a source and follows no other one yet that a table which is journalled only now held rows, for nobody can tell which of them the other server has (script)
-- params: none; {{n}}, {{table}}
-- returns: nothing
IF EXISTS (SELECT 1 FROM {{table}})
  UPDATE sparesync.meta SET capture_off_because = LEFT(capture_off_because
    + CASE WHEN capture_off_because = '' THEN '' ELSE '; ' END + (SELECT i.schema_name + '.' + i.table_name FROM sparesync.tables i WHERE i.n = {{n}}) + ': it held rows before it was journalled here', 2000)
  WHERE mode = 'standby' AND has_been_source = 1
    AND NOT EXISTS (SELECT 1 FROM sparesync.applied a WHERE a.history <> sparesync.meta.parent_history);
