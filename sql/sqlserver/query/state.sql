-- purpose: what this database knows of itself and, on a target, of its position
-- params: none
-- returns: one row: meta and, prefixed applied_, the position
SELECT m.*, a.history AS applied_history, a.point AS applied_point, a.attempt AS applied_attempt,
  a.stage AS applied_stage, a.complete_up_to_ms AS applied_complete_up_to_ms
FROM sparesync.meta m LEFT JOIN sparesync.applied a ON 1 = 1
