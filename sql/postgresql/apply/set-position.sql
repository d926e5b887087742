-- purpose: moves the position, in the transaction that wrote the rows
-- params: 1 history, 2 point, 3 attempt, 4 time (ms)
-- returns: nothing
UPDATE sparesync.applied SET point = $2::bigint, attempt = $3, stage = 'complete', complete_up_to_ms = $4::bigint WHERE history = $1
