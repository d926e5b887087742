-- purpose: the rows, as they are now, that the journal names
-- params: none; {{journal}}, {{table}}, {{keyNames}}, {{isKey}}, {{match}}, {{columns}}
-- returns: copied columns
COPY (SELECT {{columns}} FROM (SELECT DISTINCT {{keyNames}} FROM sparesync.{{journal}} WHERE {{isKey}}) j
JOIN ONLY {{table}} t ON {{match}}) TO STDOUT
