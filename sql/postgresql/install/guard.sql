-- purpose: takes the capture triggers off a table in the transaction that changes or drops what they name, so that none can fail (script)
-- params: none
-- returns: nothing
CREATE OR REPLACE FUNCTION sparesync.guard_schema() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
DECLARE
  journalled record;
BEGIN
  -- Also what goes along with its type, its schema or its extension; of a table that goes as a whole no column is listed.
  IF TG_EVENT = 'sql_drop' THEN
    IF NOT EXISTS (SELECT FROM pg_event_trigger_dropped_objects() d WHERE d.object_type = 'table column') THEN
      RETURN;
    END IF;
  END IF;
  FOR journalled IN
    SELECT i.n FROM sparesync.tables i
    JOIN pg_proc p ON p.proname = 'note_new_' || i.n AND p.pronamespace = 'sparesync'::regnamespace
    JOIN pg_trigger g ON g.tgfoid = p.oid AND g.tgname = 'sparesync_insert'
    WHERE EXISTS (SELECT FROM unnest(i.watched) w WHERE NOT EXISTS (SELECT FROM pg_attribute a
      WHERE a.attrelid = g.tgrelid AND NOT a.attisdropped AND a.attname || ' ' || format_type(a.atttypid, a.atttypmod) = w))
  LOOP
    EXECUTE format('DROP FUNCTION IF EXISTS sparesync.note_new_%1$s(), sparesync.note_old_%1$s(), sparesync.note_moved_%1$s(), sparesync.note_truncate_%1$s() CASCADE',
      journalled.n);
  END LOOP;
END
$body$;
DROP EVENT TRIGGER IF EXISTS sparesync_guard;
CREATE EVENT TRIGGER sparesync_guard ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION sparesync.guard_schema();
DROP EVENT TRIGGER IF EXISTS sparesync_guard_drops;
CREATE EVENT TRIGGER sparesync_guard_drops ON sql_drop EXECUTE FUNCTION sparesync.guard_schema();
