-- purpose: a run of rows in the order of the key
-- params: the last key, one text each; {{table}}, {{columns}}, {{after}}, {{order}}, {{count}}
-- returns: copied columns as text
SELECT {{columns}} FROM ONLY {{table}} t {{after}} ORDER BY {{order}} LIMIT {{count}}
