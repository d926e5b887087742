-- purpose: whether anything of ours is there
-- params: none
-- returns: is_installed
SELECT to_regclass('sparesync.meta') IS NOT NULL AS is_installed
