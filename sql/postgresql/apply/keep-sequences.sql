-- purpose: keeps where the sequences of the source are, for the promotion
-- params: 1 schemas, 2 names, 3 values
-- returns: nothing
INSERT INTO sparesync.sequences AS q (schema_name, sequence_name, value)
SELECT s.a, s.b, s.c::bigint FROM unnest($1::text[], $2::text[], $3::text[]) AS s(a, b, c)
ON CONFLICT (schema_name, sequence_name) DO UPDATE SET value = excluded.value WHERE q.value <> excluded.value
