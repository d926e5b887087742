-- purpose: notes a chunk as copied
-- params: $1 label, $2 chunk, $3 last key, $4 whether the table has ended, $5 rows of the chunk
-- returns: nothing
INSERT INTO sparesync.copied AS c (table_label, chunk, last_key, is_done, copied_rows)
VALUES ($1, $2::integer, $3, $4::boolean, $5::bigint)
ON CONFLICT (table_label) DO UPDATE
SET chunk = excluded.chunk, last_key = excluded.last_key, is_done = excluded.is_done, copied_rows = c.copied_rows + excluded.copied_rows
