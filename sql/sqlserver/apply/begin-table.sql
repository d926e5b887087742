-- purpose: begins the copy of a table under a mark (script)
-- params: 1 label, 2 mark
-- returns: nothing
DELETE FROM sparesync.copied WHERE table_label = @p1;
INSERT INTO sparesync.copied (table_label, chunk, last_key, is_done, copied_rows, mark) VALUES (@p1, 0, NULL, 0, 0, @p2);
