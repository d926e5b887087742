-- purpose: opens the cursor over the journalled keys, each with its row as it is now
-- params: none; {{journal}}, {{table}}, {{keyNames}}, {{isKey}}, {{keys}}, {{match}}, {{isGone}}, {{columns}}
-- returns: is_gone, key columns, copied columns, all as text
DECLARE sparesync_rows NO SCROLL CURSOR FOR
SELECT CASE WHEN {{isGone}} THEN '1' END, {{keys}}, {{columns}}
FROM (SELECT DISTINCT {{keyNames}} FROM sparesync.{{journal}} WHERE {{isKey}}) j
LEFT JOIN ONLY {{table}} t ON {{match}}
