-- purpose: brings what the version before left in the database to this one; journals, gates and position stay (script)
-- params: none; {{version}}
-- returns: nothing
ALTER TABLE sparesync.tables ADD COLUMN IF NOT EXISTS file oid, ADD COLUMN IF NOT EXISTS versions text,
  ADD COLUMN IF NOT EXISTS places jsonb;
DO $body$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'sparesync.tables'::regclass AND attname = 'held_mark') THEN
    ALTER TABLE sparesync.tables ADD COLUMN held_mark text;
    -- The version before took every table of a source for one that the other server holds.
    UPDATE sparesync.tables SET held_mark = mark WHERE (SELECT m.mode FROM sparesync.meta m) <> 'standby';
  END IF;
END
$body$;
UPDATE sparesync.meta SET version = {{version}}
