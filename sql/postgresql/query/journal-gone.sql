-- purpose: the keys in the journal that have no row now
-- params: none; {{journal}}, {{table}}, {{keyNames}}, {{isKey}}, {{match}}, {{keys}}
-- returns: key columns
COPY (SELECT {{keys}} FROM (SELECT DISTINCT {{keyNames}} FROM sparesync.{{journal}} WHERE {{isKey}} AND may_be_gone) j
WHERE NOT EXISTS (SELECT FROM ONLY {{table}} t WHERE {{match}})) TO STDOUT
