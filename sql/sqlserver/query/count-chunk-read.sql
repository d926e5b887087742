-- purpose: counts a chunk of a copy as read, unless another number was read before (script)
-- params: 1 what was read before
-- returns: counted
UPDATE sparesync.meta SET chunks_read = chunks_read + 1 WHERE chunks_read = @p1;
SELECT @@ROWCOUNT AS counted;
