-- purpose: notes tables as whole under these marks, and forgets all others
-- params: 1 labels, 2 marks
-- returns: nothing
WITH forgotten AS (DELETE FROM sparesync.copied WHERE NOT table_label = ANY ($1::text[]))
INSERT INTO sparesync.copied (table_label, chunk, last_key, is_done, copied_rows, mark)
SELECT s.a, 0, NULL, true, 0, s.b FROM unnest($1::text[], $2::text[]) AS s(a, b)
ON CONFLICT (table_label) DO UPDATE SET is_done = true, mark = excluded.mark, newest_chunk = 0
