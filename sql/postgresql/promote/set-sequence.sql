-- purpose: sets a sequence beyond what the source gave out, beyond every value there is and, unless it begins again at its end, beyond its own last one
-- params: 1 quoted name, 2 what the source said, or NULL; {{furthest}}, {{largest}}
-- returns: nothing
SELECT setval(s.seqrelid::regclass, least(greatest(v.value, s.seqmin), s.seqmax))
FROM pg_sequence s
CROSS JOIN LATERAL (SELECT CASE WHEN has_sequence_privilege(s.seqrelid, 'SELECT, USAGE') THEN pg_sequence_last_value(s.seqrelid) END AS value) o
CROSS JOIN LATERAL (SELECT {{furthest}}($2::bigint, {{largest}}, CASE WHEN NOT s.seqcycle OR $2 IS NULL THEN o.value END) AS value) v
WHERE s.seqrelid = $1::regclass AND v.value IS DISTINCT FROM o.value
