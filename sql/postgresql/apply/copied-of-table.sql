-- purpose: how far one table is copied
-- params: 1 label of the table
-- returns: mark, chunk, last_key, is_done, copied_rows
SELECT mark, chunk, last_key, is_done, copied_rows FROM sparesync.copied WHERE table_label = $1
