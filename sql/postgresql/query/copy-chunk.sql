-- purpose: a run of rows in the order of their key
-- params: the last key; {{table}}, {{columns}}, {{after}}, {{order}}, {{count}}
-- returns: copied columns
COPY (SELECT {{columns}} FROM ONLY {{table}} t {{after}} ORDER BY {{order}} LIMIT {{count}}) TO STDOUT
