-- purpose: brings what version 2 left in the database to version 3 (script)
-- params: none
-- returns: nothing
ALTER TABLE sparesync.tables ADD places nvarchar(max) NULL;
UPDATE sparesync.meta SET version = 3;
