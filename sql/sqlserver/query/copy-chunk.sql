-- purpose: a run of rows in the order of what names them; equal images of a table without a key are not parted
-- params: the last key; {{table}}, {{columns}}, {{after}}, {{order}}, {{count}}
-- returns: copied columns
SELECT TOP ({{count}}) WITH TIES {{columns}} FROM {{table}} t {{after}} ORDER BY {{order}}
