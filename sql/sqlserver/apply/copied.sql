-- purpose: how far the tables are copied
-- params: none
-- returns: table_label, chunk, last_key, is_done, copied_rows, mark
SELECT table_label, chunk, last_key, is_done, copied_rows, mark FROM sparesync.copied
