-- purpose: bytes of the data files, as the limit of the free edition counts them
-- params: none
-- returns: bytes, place: a path on the server, NULL where it is not told
SELECT CAST(SUM(CAST(f.size AS bigint)) * 8192 AS varchar(30)) AS bytes, MIN(f.physical_name) AS place FROM sys.database_files f WHERE f.type = 0
