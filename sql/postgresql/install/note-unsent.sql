-- purpose: notes of a journal that still holds what was not sent, before it is taken away or emptied, that it cannot be named any more: in words on a target, and on a source for when it is one (script)
-- params: none; {{n}}, {{journal}}
-- returns: nothing
DO $body$
BEGIN
  IF to_regclass('sparesync.{{journal}}') IS NOT NULL THEN
    UPDATE sparesync.meta SET capture_off_because = (SELECT i.schema_name || '.' || i.table_name FROM sparesync.tables i WHERE i.n = {{n}})
      || ': its journal, which held what had not been sent, was taken away by an installation'
    WHERE mode = 'standby' AND capture_off_because = '' AND EXISTS (SELECT FROM sparesync.{{journal}});
    UPDATE sparesync.tables SET held_mark = NULL WHERE n = {{n}} AND EXISTS (SELECT FROM sparesync.{{journal}});
  END IF;
END
$body$
