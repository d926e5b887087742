-- purpose: ends a session; its transaction is rolled back
-- params: $1 process id
-- returns: nothing of use
SELECT pg_terminate_backend($1::integer) AS is_ended
