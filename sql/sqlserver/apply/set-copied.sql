-- purpose: notes a chunk as copied
-- params: 1 label, 2 chunk, 3 last key, 4 whether the table has ended, 5 rows of the chunk
-- returns: nothing
UPDATE sparesync.copied SET chunk = @p2, last_key = @p3, is_done = @p4, copied_rows = copied_rows + @p5 WHERE table_label = @p1;
