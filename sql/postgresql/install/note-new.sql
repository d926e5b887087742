-- purpose: what notes the rows that a statement has written, of a table that has a key
-- params: none; {{n}}, {{journal}}, {{keys}}, {{journalKeys}}
-- returns: nothing
CREATE OR REPLACE FUNCTION sparesync.note_new_{{n}}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
BEGIN
  INSERT INTO sparesync.{{journal}} ({{journalKeys}}, may_be_gone) SELECT {{keys}}, false FROM sparesync_new;
  RETURN NULL;
END
$body$
