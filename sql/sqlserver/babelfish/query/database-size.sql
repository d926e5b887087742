-- purpose: Babelfish: all its databases are one of PostgreSQL
-- params: none
-- returns: bytes
SELECT CAST(pg_database_size(current_setting('babelfishpg_tsql.database_name')) AS varchar(30)) AS bytes
