-- purpose: lets transactions read as of one moment; waits for those that run now
-- params: none; {{database}}
-- returns: nothing
ALTER DATABASE {{database}} SET ALLOW_SNAPSHOT_ISOLATION ON
