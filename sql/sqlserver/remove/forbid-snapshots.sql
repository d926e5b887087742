-- purpose: takes back that transactions may read as of one moment, where SpareSync had allowed it
-- params: none; {{database}}
-- returns: nothing
ALTER DATABASE {{database}} SET ALLOW_SNAPSHOT_ISOLATION OFF
