-- purpose: brings what the version before left in the database to this one; journals, gates and position stay (script)
-- params: none; {{version}}
-- returns: nothing
ALTER TABLE sparesync.tables ADD COLUMN IF NOT EXISTS file oid, ADD COLUMN IF NOT EXISTS versions text,
  ADD COLUMN IF NOT EXISTS places jsonb;
UPDATE sparesync.meta SET version = {{version}}
