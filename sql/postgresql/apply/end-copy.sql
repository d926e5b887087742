-- purpose: all tables are filled; the first point makes them consistent
-- params: 1 history
-- returns: nothing
UPDATE sparesync.applied SET stage = 'catching-up' WHERE history = $1 AND stage = 'copying'
