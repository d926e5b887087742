-- purpose: a whole table, for a backup
-- params: none; {{table}}, {{columns}}
-- returns: copied columns
SELECT {{columns}} FROM {{table}} t
