-- purpose: size of the whole database
-- params: none
-- returns: bytes
SELECT pg_database_size(current_database()) AS bytes
