-- purpose: Babelfish: as PostgreSQL ends one
-- params: none; {{session}}
-- returns: nothing of use
SELECT pg_terminate_backend({{session}})
