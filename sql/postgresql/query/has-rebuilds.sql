-- purpose: whether the list of indexes to be built again is there at all
-- params: none
-- returns: is_there
SELECT to_regclass('sparesync.rebuilds') IS NOT NULL AS is_there
