-- purpose: a run of rows in the order of what names them; Babelfish has no WITH TIES
-- params: the last key; {{table}}, {{columns}}, {{after}}, {{order}}, {{count}}
-- returns: copied columns
SELECT {{columns}} FROM (
  SELECT t.*, RANK() OVER (ORDER BY {{order}}) AS sparesync_place FROM {{table}} t {{after}}
) t WHERE t.sparesync_place <= {{count}} ORDER BY {{order}}
