-- purpose: begins the copy of a table under a mark
-- params: @p1 label, @p2 mark
-- returns: nothing (script)
DELETE FROM sparesync.copied WHERE table_label = @p1;
INSERT INTO sparesync.copied (table_label, chunk, last_key, is_done, copied_rows, mark) VALUES (@p1, 0, NULL, 0, 0, @p2);
