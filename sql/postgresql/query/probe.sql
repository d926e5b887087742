-- purpose: version and rights of the server
-- params: none
-- returns: version, number, is_superuser
SELECT version() AS version, current_setting('server_version_num') AS number, current_setting('is_superuser') AS is_superuser
