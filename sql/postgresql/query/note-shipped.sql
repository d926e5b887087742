-- purpose: notes the point as applied by the peer
-- params: 1 point
-- returns: nothing
UPDATE sparesync.meta SET shipped_point = $1::bigint, sending_point = 0, sending_attempt = '', sending_snapshot = ''
