-- purpose: tells whether the schema is there, before anything in it can be asked
-- params: none
-- returns: is_installed
SELECT to_regclass('sparesync.meta') IS NOT NULL AS is_installed
