-- purpose: notes a chunk as copied
-- params: 1 label, 2 chunk, 3 last key, 4 whether the table has ended, 5 rows of the chunk, 6 chunks the source had read
-- returns: nothing
UPDATE sparesync.copied SET chunk = $2::integer, last_key = $3, is_done = $4::boolean, copied_rows = copied_rows + $5::bigint,
  newest_chunk = $6::bigint
WHERE table_label = $1
