-- purpose: takes an index off the list of those to be built again
-- params: 1 number
-- returns: nothing
DELETE FROM sparesync.rebuilds WHERE n = $1::integer
