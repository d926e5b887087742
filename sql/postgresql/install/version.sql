-- purpose: the version of what is installed
-- params: none
-- returns: version
SELECT version FROM sparesync.meta
