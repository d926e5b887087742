-- purpose: notes a table as whole under this mark
-- params: 1 label, 2 mark
-- returns: nothing
INSERT INTO sparesync.copied (table_label, chunk, last_key, is_done, copied_rows, mark) VALUES (@p1, 0, NULL, 1, 0, @p2)
