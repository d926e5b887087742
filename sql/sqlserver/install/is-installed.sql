-- purpose: tells whether the schema is there, before anything in it can be asked
-- params: none
-- returns: is_installed
SELECT CASE WHEN OBJECT_ID('sparesync.meta') IS NULL THEN '0' ELSE '1' END AS is_installed
