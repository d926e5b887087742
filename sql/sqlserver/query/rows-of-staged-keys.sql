-- purpose: the rows of these keys and whether the keys are journalled
-- params: none; {{table}}, {{stage}}, {{match}}, {{columns}}, {{journal}}, {{isJournalled}}
-- returns: place of the key, is_journalled, is_there, copied columns
SELECT s.c0, CASE WHEN EXISTS (SELECT 1 FROM sparesync.{{journal}} w WHERE {{isJournalled}}) THEN '1' ELSE '0' END,
  CASE WHEN t.sparesync_is_there = 1 THEN '1' ELSE '0' END, {{columns}}
FROM {{stage}} s LEFT JOIN (SELECT x.*, 1 AS sparesync_is_there FROM {{table}} x) t ON {{match}} ORDER BY s.c0
