-- purpose: a run of rows in the order of their key
-- params: the last key; {{table}}, {{columns}}, {{after}}, {{order}}, {{count}}
-- returns: copied columns
SELECT TOP ({{count}}) {{columns}} FROM {{table}} t {{after}} ORDER BY {{order}}
