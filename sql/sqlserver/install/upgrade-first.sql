-- purpose: brings what version 1 left in the database to version 2 (script)
-- params: none
-- returns: nothing
ALTER TABLE sparesync.meta ADD chunks_read bigint NOT NULL DEFAULT 0;
ALTER TABLE sparesync.copied ADD newest_chunk bigint NOT NULL DEFAULT 0;
UPDATE sparesync.meta SET version = 2;
