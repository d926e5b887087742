-- purpose: the rows of these keys and whether the keys are journalled
-- params: the keys, one array of text for each column; {{table}}, {{values}}, {{arrays}}, {{names}}, {{match}}, {{columns}}, {{journal}}, {{isJournalled}}, {{isThere}}
-- returns: place of the key, is_journalled, is_there, copied columns as text
SELECT j.place, EXISTS (SELECT FROM sparesync.{{journal}} w WHERE {{isJournalled}}) AS is_journalled, {{isThere}} AS is_there, {{columns}}
FROM (SELECT {{values}}, s.place FROM unnest({{arrays}}) WITH ORDINALITY AS s({{names}}, place)) j
LEFT JOIN ONLY {{table}} t ON {{match}} ORDER BY j.place
