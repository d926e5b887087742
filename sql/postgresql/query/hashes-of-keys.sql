-- purpose: the hashes of the rows of these keys
-- params: the keys, one array of text for each column; {{table}}, {{values}}, {{arrays}}, {{names}}, {{match}}, {{hash}}
-- returns: place of the key, hash
SELECT j.place, ({{hash}})::text AS hash FROM (SELECT {{values}}, s.place FROM unnest({{arrays}}) WITH ORDINALITY AS s({{names}}, place)) j
JOIN ONLY {{table}} t ON {{match}}
