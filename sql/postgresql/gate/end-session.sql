-- purpose: ends a session; its transaction is rolled back
-- params: none; {{session}}
-- returns: nothing
SELECT pg_terminate_backend({{session}}) AS is_ended
