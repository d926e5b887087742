-- purpose: Babelfish: as PostgreSQL ends one
-- params: none; {{session}}
-- returns: nothing
SELECT pg_terminate_backend({{session}})
