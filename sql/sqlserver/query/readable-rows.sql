-- purpose: the journalled keys, each with its row as it is now
-- params: none; {{journal}}, {{table}}, {{keyNames}}, {{readable}}, {{keys}}, {{match}}, {{isGone}}, {{join}}, {{columns}}
-- returns: is_gone, key columns, copied columns
SELECT CASE WHEN {{isGone}} THEN '1' END, {{keys}}, {{columns}}
FROM (SELECT DISTINCT {{keyNames}} FROM sparesync.{{journal}} WHERE k1 IS NOT NULL{{readable}}) j
{{join}} {{table}} t ON {{match}}
