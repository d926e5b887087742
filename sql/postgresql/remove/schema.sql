-- purpose: takes every trace of SpareSync away
-- params: none
-- returns: nothing
DROP SCHEMA IF EXISTS sparesync CASCADE
