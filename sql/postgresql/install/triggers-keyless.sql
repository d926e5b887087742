-- purpose: creates the triggers of one table without a key: they note the image of each row, as our own session writes it (script)
-- params: none; {{table}}, {{n}}, {{journal}}, {{keys}}, {{settings}}, {{gate}}
-- returns: nothing
CREATE FUNCTION sparesync.note_new_{{n}}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {{settings}} AS $body$
BEGIN
  INSERT INTO sparesync.{{journal}} (k1) SELECT {{keys}} FROM sparesync_new t;
  RETURN NULL;
END
$body$;
CREATE FUNCTION sparesync.note_old_{{n}}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {{settings}} AS $body$
BEGIN
  INSERT INTO sparesync.{{journal}} (k1) SELECT {{keys}} FROM sparesync_old t;
  RETURN NULL;
END
$body$;
CREATE FUNCTION sparesync.note_moved_{{n}}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {{settings}} AS $body$
BEGIN
  INSERT INTO sparesync.{{journal}} (k1) SELECT {{keys}} FROM sparesync_old t UNION ALL SELECT {{keys}} FROM sparesync_new t;
  RETURN NULL;
END
$body$;
CREATE FUNCTION sparesync.note_truncate_{{n}}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {{settings}} AS $body$
BEGIN
  INSERT INTO sparesync.{{journal}} (k1) VALUES (NULL);
  RETURN NULL;
END
$body$;
CREATE TRIGGER sparesync_insert AFTER INSERT ON {{table}} REFERENCING NEW TABLE AS sparesync_new
  FOR EACH STATEMENT EXECUTE FUNCTION sparesync.note_new_{{n}}();
CREATE TRIGGER sparesync_moved AFTER UPDATE ON {{table}} REFERENCING OLD TABLE AS sparesync_old NEW TABLE AS sparesync_new
  FOR EACH STATEMENT EXECUTE FUNCTION sparesync.note_moved_{{n}}();
CREATE TRIGGER sparesync_delete AFTER DELETE ON {{table}} REFERENCING OLD TABLE AS sparesync_old
  FOR EACH STATEMENT EXECUTE FUNCTION sparesync.note_old_{{n}}();
CREATE TRIGGER sparesync_truncate AFTER TRUNCATE ON {{table}}
  FOR EACH STATEMENT EXECUTE FUNCTION sparesync.note_truncate_{{n}}();
DROP TRIGGER IF EXISTS sparesync_gate ON {{table}};
CREATE TRIGGER sparesync_gate BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {{table}}
  FOR EACH STATEMENT EXECUTE FUNCTION sparesync.refuse_write();
ALTER TABLE {{table}} {{gate}} TRIGGER sparesync_gate;
