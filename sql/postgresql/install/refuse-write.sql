-- purpose: what a closed write gate says: which of the reasons holds is asked in our name, whether it refuses does not depend on it
-- params: none
-- returns: nothing
CREATE OR REPLACE FUNCTION sparesync.refuse_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
DECLARE
  present text := (SELECT m.mode FROM sparesync.meta m);
  meaning text := 'this is the standby';
  advice text := 'Connect to the active server (the name of the application points to it).';
BEGIN
  IF present = 'closed' THEN
    meaning := 'this database is about to be switched';
    advice := 'Connect anew: the name of the application will point to the active server.';
  ELSIF present = 'open' THEN
    meaning := 'the write gate of this active database was closed by another hand (ENABLE TRIGGER ALL does it)';
    advice := 'It is opened within seconds while SpareSync runs: try again.';
  END IF;
  RAISE EXCEPTION 'SpareSync: %: the application may not write to %.%', meaning, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'read_only_sql_transaction', HINT = advice;
END
$body$
