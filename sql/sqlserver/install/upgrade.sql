-- purpose: brings what the version before left in the database to this one; journals, gates and position stay (script)
-- params: none; {{version}}
-- returns: nothing
ALTER TABLE sparesync.meta ADD chunks_read bigint NOT NULL DEFAULT 0;
ALTER TABLE sparesync.copied ADD newest_chunk bigint NOT NULL DEFAULT 0;
UPDATE sparesync.meta SET version = {{version}};
