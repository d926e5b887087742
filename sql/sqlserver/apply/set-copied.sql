-- purpose: notes a chunk as copied
-- params: @p1 label, @p2 chunk, @p3 last key, @p4 whether the table has ended, @p5 rows of the chunk
-- returns: nothing (script)
UPDATE sparesync.copied SET chunk = @p2, last_key = @p3, is_done = @p4, copied_rows = copied_rows + @p5 WHERE table_label = @p1;
IF @@ROWCOUNT = 0
  INSERT INTO sparesync.copied (table_label, chunk, last_key, is_done, copied_rows) VALUES (@p1, @p2, @p3, @p4, @p5);
