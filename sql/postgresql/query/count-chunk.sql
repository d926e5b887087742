-- purpose: counts a chunk of a copy as read, unless another number was read before; the end of the transaction waits until all that it has seen is on the disk
-- params: none; {{chunksRead}}: what was read before
-- returns: nothing
DO $do$ BEGIN
  UPDATE sparesync.meta SET chunks_read = chunks_read + 1 WHERE chunks_read = {{chunksRead}};
  IF NOT FOUND THEN
    RAISE 'chunks of a copy were read beside this one, or the database was restored from a backup' USING ERRCODE = 'serialization_failure';
  END IF;
END $do$
