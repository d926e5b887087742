-- purpose: one line of the question how large the journals are
-- params: none; {{journal}}
-- returns: bytes
SELECT pg_total_relation_size('sparesync.{{journal}}') AS bytes
