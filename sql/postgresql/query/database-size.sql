-- purpose: size of the whole database
-- params: none
-- returns: bytes, place: a path on the server, NULL where it is not told
SELECT pg_database_size(current_database())::text AS bytes,
  (SELECT s.setting FROM pg_settings s WHERE s.name = 'data_directory') AS place
