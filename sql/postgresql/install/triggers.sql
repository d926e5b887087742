-- purpose: creates the triggers of one table that has a key; is_moved names the key so that no column depends on a trigger (script)
-- params: none; {{table}}, {{n}}, {{journal}}, {{keys}}, {{journalKeys}}, {{oldKeys}}, {{nulls}}, {{isKeyMoved}}, {{gate}}
-- returns: nothing
CREATE FUNCTION sparesync.note_old_{{n}}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
BEGIN
  INSERT INTO sparesync.{{journal}} ({{journalKeys}}) SELECT {{keys}} FROM sparesync_old;
  RETURN NULL;
END
$body$;
CREATE FUNCTION sparesync.note_moved_{{n}}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
BEGIN
  INSERT INTO sparesync.{{journal}} ({{journalKeys}}) VALUES ({{oldKeys}});
  RETURN NULL;
END
$body$;
CREATE FUNCTION sparesync.note_truncate_{{n}}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
BEGIN
  INSERT INTO sparesync.{{journal}} ({{journalKeys}}) VALUES ({{nulls}});
  RETURN NULL;
END
$body$;
CREATE FUNCTION sparesync.is_moved_{{n}}(anyelement, anyelement) RETURNS boolean LANGUAGE sql STABLE AS $body$
  SELECT {{isKeyMoved}}
$body$;
CREATE TRIGGER sparesync_insert AFTER INSERT ON {{table}} REFERENCING NEW TABLE AS sparesync_new
  FOR EACH STATEMENT EXECUTE FUNCTION sparesync.note_new_{{n}}();
CREATE TRIGGER sparesync_update AFTER UPDATE ON {{table}} REFERENCING NEW TABLE AS sparesync_new
  FOR EACH STATEMENT EXECUTE FUNCTION sparesync.note_new_{{n}}();
CREATE TRIGGER sparesync_delete AFTER DELETE ON {{table}} REFERENCING OLD TABLE AS sparesync_old
  FOR EACH STATEMENT EXECUTE FUNCTION sparesync.note_old_{{n}}();
CREATE TRIGGER sparesync_moved AFTER UPDATE ON {{table}}
  FOR EACH ROW WHEN (sparesync.is_moved_{{n}}(old, new)) EXECUTE FUNCTION sparesync.note_moved_{{n}}();
CREATE TRIGGER sparesync_truncate AFTER TRUNCATE ON {{table}}
  FOR EACH STATEMENT EXECUTE FUNCTION sparesync.note_truncate_{{n}}();
DROP TRIGGER IF EXISTS sparesync_gate ON {{table}};
CREATE TRIGGER sparesync_gate BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {{table}}
  FOR EACH STATEMENT EXECUTE FUNCTION sparesync.refuse_write();
ALTER TABLE {{table}} {{gate}} TRIGGER sparesync_gate;
