-- purpose: begins the copy of a table under a mark
-- params: 1 label, 2 mark
-- returns: nothing
INSERT INTO sparesync.copied (table_label, chunk, last_key, is_done, copied_rows, mark) VALUES ($1, 0, NULL, false, 0, $2)
ON CONFLICT (table_label) DO UPDATE SET chunk = 0, last_key = NULL, is_done = false, copied_rows = 0, mark = $2,
  newest_chunk = 0
