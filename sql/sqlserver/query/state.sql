-- purpose: what this database knows of itself and, on a target, of its position
-- params: none
-- returns: one row: meta, prefixed applied_ the position, and newest_chunk
SELECT m.*, a.history AS applied_history, a.point AS applied_point, a.attempt AS applied_attempt,
  a.stage AS applied_stage, a.complete_up_to_ms AS applied_complete_up_to_ms,
  (SELECT max(c.newest_chunk) FROM sparesync.copied c) AS newest_chunk
FROM sparesync.meta m LEFT JOIN sparesync.applied a ON 1 = 1
