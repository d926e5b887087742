-- purpose: Babelfish: all its databases are one of PostgreSQL
-- params: none
-- returns: bytes, place: a path on the server, NULL where it is not told
SELECT CAST(pg_database_size(current_setting('babelfishpg_tsql.database_name')) AS varchar(30)) AS bytes,
  CAST(NULL AS varchar(10)) AS place
