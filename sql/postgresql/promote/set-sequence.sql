-- purpose: sets a sequence beyond what the source gave out and beyond every value there is
-- params: 1 quoted name, 2 what the source said, or NULL; {{furthest}}, {{largest}}
-- returns: nothing
SELECT setval(s.seqrelid::regclass, least(greatest(v.value, s.seqmin), s.seqmax))
FROM pg_sequence s CROSS JOIN LATERAL (SELECT {{furthest}}($2::bigint, {{largest}}) AS value) v
WHERE s.seqrelid = $1::regclass AND v.value IS NOT NULL
