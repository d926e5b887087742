-- purpose: makes room for what version 3 did not note; a batch that uses a new column must be another one
-- params: none
-- returns: nothing
ALTER TABLE sparesync.tables ADD held_mark varchar(64) NULL
