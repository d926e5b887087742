-- purpose: notes a chunk as copied
-- params: 1 label, 2 chunk, 3 last key, 4 whether the table has ended, 5 rows of the chunk, 6 chunks the source had read
-- returns: nothing
UPDATE sparesync.copied SET chunk = @p2, last_key = @p3, is_done = @p4, copied_rows = copied_rows + @p5,
  newest_chunk = @p6 WHERE table_label = @p1;
