-- purpose: ends a session; its transaction is rolled back
-- params: $1 process id
-- returns: is_ended
SELECT pg_terminate_backend($1::integer) AS is_ended
