-- purpose: notes of a target whose journal of a table still holds what it had not sent as a source, before that journal is taken away, that it cannot be named any more (script)
-- params: none; {{n}}, {{journal}}
-- returns: nothing
IF OBJECT_ID('sparesync.{{journal}}') IS NOT NULL
  UPDATE sparesync.meta SET capture_off_because = (SELECT i.schema_name + '.' + i.table_name FROM sparesync.tables i WHERE i.n = {{n}})
    + ': its journal, which held what had not been sent, was taken away by an installation'
  WHERE mode = 'standby' AND capture_off_because = '' AND EXISTS (SELECT 1 FROM sparesync.{{journal}});
