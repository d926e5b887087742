-- purpose: notes a chunk as copied
-- params: @p1 label, @p2 chunk, @p3 last key, @p4 whether the table has ended, @p5 rows of the chunk
-- returns: nothing
UPDATE sparesync.copied SET chunk = @p2, last_key = @p3, is_done = @p4, copied_rows = copied_rows + @p5 WHERE table_label = @p1;
