-- purpose: brings what version 2 left in the database to this one; journals, gates and position stay (script)
-- params: none; {{version}}
-- returns: nothing
ALTER TABLE sparesync.tables ADD places nvarchar(max) NULL;
UPDATE sparesync.meta SET version = {{version}};
