-- purpose: the version of what is installed, and what every version has noted beside it
-- params: none
-- returns: one row: meta
SELECT m.* FROM sparesync.meta m
